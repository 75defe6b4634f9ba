import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masks } from '../../src/masks.ts';

/** Masks, and everything that they have told the runner. */
function masks(...secrets: string[]) {
  const registered: string[] = [];
  const masks = new Masks((secret) => registered.push(secret));
  for (const secret of secrets) masks.add(secret);
  return { masks, registered };
}

describe('adding a secret', () => {
  it('registers it with the runner', () => {
    expect(masks('token-1').registered).toEqual(['token-1']);
  });

  it('registers it once, however often it is added', () => {
    expect(masks('token-1', 'token-1').registered).toEqual(['token-1']);
  });

  it('registers it with and without the blanks around it', () => {
    expect(masks(' token-1\n').registered).toEqual([' token-1\n', 'token-1']);
  });

  it.each([
    ['line feeds', 'first line\nsecond line'],
    ['carriage returns', 'first line\rsecond line'],
    ['both', 'first line\r\nsecond line'],
    ['literal \\n', String.raw`first line\nsecond line`],
    ['literal \\r\\n', String.raw`first line\r\nsecond line`],
  ])('registers each line by itself where lines end in %s', (_what, secret) => {
    expect(masks(secret).registered).toEqual([secret, 'first line', 'second line']);
  });

  it('registers a line without its indentation', () => {
    expect(masks('key:\n    abcdef').registered).toContain('abcdef');
  });

  it('does not register lines of less than four characters, which would blot out the log', () => {
    expect(masks('abc\n}\nabcd').registered).toEqual(['abc\n}\nabcd', 'abcd']);
  });

  it('registers a short secret whole all the same', () => {
    expect(masks('abc').registered).toEqual(['abc']);
  });

  it('registers nothing for an empty secret', () => {
    expect(masks('').registered).toEqual([]);
  });

  it.each([' ', '\n', ' \t\r\n'])(
    'registers nothing for a secret of blanks alone (%j), which would blot out every blank of the log',
    (blanks) => {
      expect(masks(blanks).registered).toEqual([]);
    },
  );

  it('registers each line of a PEM', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(masks(pem).registered).toEqual(expect.arrayContaining(pem.trim().split('\n')));
  });
});

describe('redacting a text', () => {
  it('replaces a secret wherever it stands', () => {
    expect(masks('token-1').masks.redact('token-1, and token-1 again')).toBe('***, and *** again');
  });

  it('leaves everything alone before a secret is added', () => {
    expect(masks().masks.redact('a text')).toBe('a text');
  });

  it('replaces the whole of a secret that holds a shorter one, whichever was added first', () => {
    expect(masks('abcd', 'abcdefgh').masks.redact('[abcdefgh]')).toBe('[***]');
  });

  it('replaces a line of a secret that has several', () => {
    expect(masks('first line\nsecond line').masks.redact('it says: second line')).toBe('it says: ***');
  });

  it('replaces a secret that is added later', () => {
    const { masks: later } = masks('token-1');
    later.add('token-2');
    expect(later.redact('token-1 token-2')).toBe('*** ***');
  });

  it('leaves nothing of any secret in any text', () => {
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n', ' '), minLength: 4 });
    fc.assert(
      fc.property(
        fc.array(
          secret.filter((text) => text.trim() !== ''),
          { minLength: 1 },
        ),
        (secrets) => {
          const { masks: all, registered } = masks(...secrets);
          const text = all.redact(secrets.map((one) => `<${one}>`).join('|'));
          for (const piece of registered) expect(text).not.toContain(piece);
        },
      ),
    );
  });
});
