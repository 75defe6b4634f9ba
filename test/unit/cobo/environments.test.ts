import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS, isEnvironmentName } from '../../../src/cobo/environments.ts';

describe('environments', () => {
  it.each([
    ['prod', 'https://api.cobo.com/v2', '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729'],
    ['dev', 'https://api.dev.cobo.com/v2', 'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718'],
    ['sandbox', 'https://api.sandbox.cobo.com/v2', '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08'],
  ] as const)('%s has the address and the key that Cobo documents', (name, apiUrl, responseKey) => {
    expect(ENVIRONMENTS[name]).toEqual({ apiUrl, responseKey });
  });

  it.each(['prod', 'dev', 'sandbox'])('%s is the name of one', (name) => {
    expect(isEnvironmentName(name)).toBe(true);
  });

  it.each(['', 'PROD', 'production', 'toString', '__proto__'])('%j is the name of none', (name) => {
    expect(isEnvironmentName(name)).toBe(false);
  });
});
