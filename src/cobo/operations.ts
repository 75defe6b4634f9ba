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
  const query = [`client_id=${escaped(clientId)}`, `org_id=${escaped(orgId)}`, 'grant_type=org_implicit'].join('&');
  return { method: 'GET', path: basePath + PATH, query, body: '' };
}

/** RFC 3986, section 2.1: also what URL would escape by itself later, so that what is signed is what is sent. */
function escaped(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
