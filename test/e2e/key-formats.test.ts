import { createPrivateKey } from 'node:crypto';
import { describe, expect } from 'vitest';
import { expectSuccess, it } from './support/scenario.ts';

const PKCS8_HEAD = '302e020100300506032b657004220420';

function pemOf(seedHex: string): string {
  const der = Buffer.from(PKCS8_HEAD + seedHex, 'hex');
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

const FORMS: [name: string, form: (seedHex: string) => string][] = [
  ['64 hexadecimal characters in upper case', (hex) => hex.toUpperCase()],
  ['64 hexadecimal characters with blanks and line breaks around them', (hex) => `\r\n  ${hex}\t\n\n`],
  ['a PEM', pemOf],
  ['a PEM with line breaks of Windows', (hex) => pemOf(hex).replaceAll('\n', '\r\n')],
  ['a PEM whose line breaks arrived as literal \\n', (hex) => pemOf(hex).replaceAll('\n', '\\n')],
  ['a PEM whose line breaks arrived as blanks', (hex) => pemOf(hex).replaceAll('\n', ' ')],
];

describe('the private key', () => {
  it.concurrent.for(FORMS)('is taken as %s', async ([, form], { open }) => {
    const stage = await open();
    const given = form(stage.cobo.client.appSecretHex);
    const body = /^[A-Za-z0-9+/]{40,}=*$/m.exec(pemOf(stage.cobo.client.appSecretHex))?.[0] ?? '';
    const result = await stage.run({ 'private-key': given }, { maskEachLine: false });
    expectSuccess(stage, result, { state: 'stored', secrets: [given.trim(), body] });
    expect(result.outputs['app-key']).toBe(stage.cobo.client.appKeyHex);
    expect(result.masks).toContain(stage.cobo.client.appSecretHex);
  });
});
