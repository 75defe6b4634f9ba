import type { Signable } from './signing.ts';

const environment = (host: string, responseKey: string) => ({ apiUrl: `https://${host}/v2`, responseKey });

/**
 * The base URL of each Cobo environment, and the key that signs its answers (Ed25519, 32 bytes as 64 hex
 * characters). Source: Cobo's developer site, "Cobo environments". Keys of one do not work in another.
 */
export const ENVIRONMENTS = {
  prod: environment('api.cobo.com', '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729'),
  dev: environment('api.dev.cobo.com', 'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718'),
  sandbox: environment('api.sandbox.cobo.com', '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08'),
};

export type EnvironmentName = keyof typeof ENVIRONMENTS;

export function isEnvironmentName(name: string): name is EnvironmentName {
  return Object.hasOwn(ENVIRONMENTS, name);
}

/** "Refresh Org Access Token": spends the refresh token for a new pair. */
export function refreshOrgAccessToken(apiUrl: string, clientId: string, refreshToken: string): Signable {
  const body = JSON.stringify({ client_id: clientId, grant_type: 'refresh_token', refresh_token: refreshToken });
  return { method: 'POST', url: new URL(`${apiUrl}/oauth/token`), body };
}

/** "Get Org Access Token": a fresh pair from the app's key alone. */
export function getOrgAccessToken(apiUrl: string, clientId: string, orgId: string): Signable {
  const query = `client_id=${encodeURIComponent(clientId)}&org_id=${encodeURIComponent(orgId)}&grant_type=org_implicit`;
  return { method: 'GET', url: new URL(`${apiUrl}/oauth/token?${query}`) };
}
