import type { Fault } from '../faults.ts';

/**
 * A refusal for too many requests. With `retryAfterSeconds` it is a secondary limit (403 and
 * Retry-After), with `resetEpochSeconds` the primary one (403, `x-ratelimit-remaining: 0` and the
 * moment of its end). `status` may make it 429, which GitHub uses too.
 */
export function rateLimitFault(
  limit: { retryAfterSeconds: number } | { resetEpochSeconds: number },
  status: 403 | 429 = 403,
): Fault {
  const secondary = 'retryAfterSeconds' in limit;
  const message = secondary
    ? 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    : 'API rate limit exceeded.';
  const headers: Record<string, string> = secondary
    ? { 'retry-after': String(limit.retryAfterSeconds) }
    : { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(limit.resetEpochSeconds) };
  const documentation_url = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';
  return {
    kind: 'status',
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify({ message, documentation_url, status: String(status) }),
    when: 'before',
  };
}
