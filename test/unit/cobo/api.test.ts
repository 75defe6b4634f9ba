import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS, getOrgAccessToken, isEnvironmentName, refreshOrgAccessToken } from '../../../src/cobo/api.ts';

describe('environments', () => {
  it.each([
    ['prod', 'api.cobo.com', '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729'],
    ['dev', 'api.dev.cobo.com', 'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718'],
    ['sandbox', 'api.sandbox.cobo.com', '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08'],
  ])('%s has the address and the key that Cobo documents', (name, host, responseKey) => {
    expect(ENVIRONMENTS).toHaveProperty(name, { apiUrl: `https://${host}/v2`, responseKey });
    expect(isEnvironmentName(name)).toBe(true);
  });

  it.each(['', 'PROD', 'toString', '__proto__'])('%j is none', (name) => {
    expect(isEnvironmentName(name)).toBe(false);
  });
});

describe('operations', () => {
  it('refresh with a POST, all in its body, and get with a GET, all in its query', () => {
    expect(refreshOrgAccessToken('https://proxy.test/cobo/v2', 'client-1', 'token-1')).toEqual({
      method: 'POST',
      url: new URL('https://proxy.test/cobo/v2/oauth/token'),
      body: '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"token-1"}',
    });
    expect(getOrgAccessToken('https://cobo.test/v2', 'client-1', 'org-1')).toEqual({
      method: 'GET',
      url: new URL('https://cobo.test/v2/oauth/token?client_id=client-1&org_id=org-1&grant_type=org_implicit'),
    });
  });

  it('have IDs that cannot break out of their parameter, whatever the inputs let pass', () => {
    const { search } = getOrgAccessToken('https://cobo.test/v2', 'é+%20', 'a&org_id=evil#?=/').url;
    expect(search).toBe('?client_id=%C3%A9%2B%2520&org_id=a%26org_id%3Devil%23%3F%3D%2F&grant_type=org_implicit');
  });
});
