import type { Act, Exchange, GitHubRequest } from './act.ts';
import { handedOver } from './safety-facts.ts';

/** What may be tried again is tried as often as the run may. */
export function persistence(act: Act): string[] {
  if (act.ending.killed) return [];
  return [...storing(act), ...asking(act, 'refresh'), ...asking(act, 'implicit')];
}

/** Storing the rotated token is never given up before `max-attempts`. */
function storing(act: Act): string[] {
  const { refreshTokenSecret, maxAttempts } = act.setting;
  if (act.ending.outputs['token-state'] !== 'sealed' || refreshTokenSecret === undefined) return [];
  const trusted = handedOver(act)?.arrival === 'whole';
  return act.after.flatMap(({ label, secretsPath }) => {
    const keyPath = `${secretsPath}/public-key`;
    const path = `${secretsPath}/${refreshTokenSecret}`;
    const writes = act.gitHub.filter(({ record }) => record.method === 'PUT' && record.path === path);
    const last = writes.at(-1);
    if (last === undefined) return trusted ? [`storing in ${label} was not even tried`] : [];
    if (writes.some(({ record }) => isWritten(record.status))) return [];
    if (isRetryable(last)) {
      return attemptsSince422(writes) < maxAttempts
        ? [`storing in ${label} was given up after ${writes.length} of ${maxAttempts} attempts`]
        : [];
    }
    const reread = act.gitHub.some(({ record }) => record.path === keyPath && record.at >= last.record.at);
    const isFirst422 =
      last.record.status === 422 && writes.filter(({ record }) => record.status === 422).length === 1;
    return isFirst422 && !reread ? [`the encryption key of ${label} was not read again after a 422`] : [];
  });
}

function isWritten(status: number | 'cut'): boolean {
  return status === 201 || status === 204;
}

/** Of all that can go wrong with a write only a 422 is not tried again as it is: a new key is its cure. */
function isRetryable({ record }: GitHubRequest): boolean {
  return record.status !== 422;
}

/** A write with a new key starts a new count. */
function attemptsSince422(writes: readonly GitHubRequest[]): number {
  return writes.length - 1 - writes.findLastIndex(({ record }) => record.status === 422);
}

function asking({ exchanges, setting }: Act, operation: Exchange['operation']): string[] {
  const asked = exchanges.filter((exchange) => exchange.operation === operation);
  if (asked.at(-1)?.retryable !== true || asked.length >= setting.maxAttempts) return [];
  return [`asking Cobo (${operation}) was given up after ${asked.length} of ${setting.maxAttempts} attempts`];
}
