import { describe, expect, it } from 'vitest';
import { findLeaks } from '../../emulators/runner/leaks.ts';

const TOKEN = 'tok-?>5f0d9a"7c41/é';
const KEY = '9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60';
const PEM = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\nabcdefghijk\n-----END PRIVATE KEY-----\n';
const CLEAN = { log: '', annotations: [], debug: [], rawSummary: '' };

describe('findLeaks', () => {
  const bytes = Buffer.from(TOKEN);
  it.each([
    ['plain', TOKEN],
    ['base64', bytes.toString('base64')],
    ['base64 within more', Buffer.from(`{"t":"${TOKEN}"}`).toString('base64')],
    ['base64 within more', Buffer.from(`x${TOKEN}y`).toString('base64')],
    ['base64 within more', Buffer.from(`xy${TOKEN}z`).toString('base64url')],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex').toUpperCase()],
    ['URI', encodeURIComponent(TOKEN)],
    ['JSON', JSON.stringify({ t: TOKEN })],
  ])('finds a token as %s', (_, text) => {
    expect(findLeaks({ ...CLEAN, log: `a\nsee ${text}.` }, ['other-secret', TOKEN])).not.toEqual([]);
  });

  it.each([
    ['lower case', KEY.toLowerCase()],
    ['its bytes', Buffer.from(KEY, 'hex').toString('base64')],
    ['base64 of the text', Buffer.from(KEY.toLowerCase()).toString('base64')],
  ])('finds a hex key as %s', (_, text) => {
    expect(findLeaks({ ...CLEAN, log: text }, [KEY])).not.toEqual([]);
  });

  it('finds a line of a key, but not its header', () => {
    expect(findLeaks({ ...CLEAN, log: 'x abcdefghijk' }, [PEM])).toEqual(['log: secret 1 as a line, plain text']);
    expect(findLeaks({ ...CLEAN, log: 'x abcdefghijk' }, [PEM.replaceAll('\n', '\\n')])).not.toEqual([]);
    expect(findLeaks({ ...CLEAN, log: '-----BEGIN PRIVATE KEY-----' }, [PEM])).toEqual([]);
  });

  it('looks everywhere, and never repeats the secret', () => {
    const annotations = [
      { level: 'error', title: TOKEN, message: '' },
      { level: 'notice', title: '', message: TOKEN },
    ] as const;
    const leaks = findLeaks({ log: TOKEN, annotations, debug: ['', TOKEN], rawSummary: TOKEN }, [TOKEN]);
    for (const place of ['log', 'debug', 'summary', 'error annotation', 'notice annotation']) {
      expect(leaks).toContain(`${place}: secret 1 as plain text`);
    }
    expect(leaks.join()).not.toContain(TOKEN);
  });

  it('finds nothing in a clean result', () => {
    const log = `*** ${Buffer.from('something else').toString('base64')} ${TOKEN.slice(0, -2)}`;
    expect(findLeaks({ ...CLEAN, log }, [TOKEN, KEY, PEM])).toEqual([]);
  });

  it('refuses to look for nothing', () => {
    expect(() => findLeaks(CLEAN, [TOKEN, ' '])).toThrow('secret 2 is blank');
  });
});
