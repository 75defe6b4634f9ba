import type { Signable } from './signing.ts';

const PATH = '/oauth/token';

/**
 * "Refresh Org Access Token": spends the refresh token for a new pair.
 * @param basePath the path of the API's base URL, `/v2`
 */
export function refreshOrgAccessToken(basePath: string, clientId: string, refreshToken: string): Signable {
  const body = JSON.stringify({
    client_id: clientId,
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  });
  return { method: 'POST', path: basePath + PATH, query: '', body };
}

/** "Get Org Access Token": a fresh pair from the app's key alone. */
export function getOrgAccessToken(basePath: string, clientId: string, orgId: string): Signable {
  const query = [
    `client_id=${encodeURIComponent(clientId)}`,
    `org_id=${encodeURIComponent(orgId)}`,
    'grant_type=org_implicit',
  ].join('&');
  return { method: 'GET', path: basePath + PATH, query, body: '' };
}
