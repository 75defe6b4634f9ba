import type { CoboClient, CoboEmulator } from '../../emulators/cobo.ts';
import { type Outcome, raw, signedHeaders } from './raw-client.ts';

/** Refreshes a token the way a right client does. */
export async function refresh(
  cobo: CoboEmulator,
  refreshToken: string,
  client: CoboClient = cobo.client,
  timeoutMs?: number,
): Promise<Outcome> {
  const fields = { client_id: client.clientId, grant_type: 'refresh_token', refresh_token: refreshToken };
  return await post(cobo, JSON.stringify(fields), client, timeoutMs);
}

/** Posts any body to the token path, signed well. */
export async function post(
  cobo: CoboEmulator,
  body: string,
  client: CoboClient = cobo.client,
  timeoutMs?: number,
): Promise<Outcome> {
  const signature = signedHeaders(client, { method: 'POST', path: '/v2/oauth/token', body });
  const headers = { 'Content-Type': 'application/json', ...signature };
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  return await raw(`${cobo.url}/oauth/token`, { method: 'POST', headers, body, ...limit });
}

/** A signed GET. */
export async function get(
  cobo: CoboEmulator,
  path: string,
  query = '',
  headers: Record<string, string> = {},
  client: CoboClient = cobo.client,
): Promise<Outcome> {
  const signature = signedHeaders(client, { method: 'GET', path, query });
  const url = `${cobo.origin}${path}${query === '' ? '' : `?${query}`}`;
  return await raw(url, { headers: { ...signature, ...headers } });
}

/** The org_implicit grant. */
export async function implicit(cobo: CoboEmulator, orgId = cobo.client.orgId): Promise<Outcome> {
  const query = `client_id=${cobo.client.clientId}&org_id=${orgId}&grant_type=org_implicit`;
  return await get(cobo, '/v2/oauth/token', query);
}

/** The tokens in an answer. */
export function tokensIn(outcome: Outcome): { access: string; refresh: string } {
  const { access_token: access = '', refresh_token: refreshed = '' } = JSON.parse(outcome.body) as Record<
    string,
    string | undefined
  >;
  return { access, refresh: refreshed };
}

/** The error code of an answer, in either form. */
export function errorIn(outcome: Outcome): string | number | undefined {
  const body = JSON.parse(outcome.body) as { error?: string; error_code?: number };
  return body.error ?? body.error_code;
}
