import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masks, SHORTEST_SECRET } from '../../src/masks.ts';
import { RUNS } from './support.ts';

/** Masks, and everything that they have told the runner. */
function masks(...secrets: string[]) {
  const registered: string[] = [];
  const all = new Masks((secret) => registered.push(secret));
  for (const secret of secrets) all.add(secret);
  return { masks: all, registered };
}

describe('adding a secret', () => {
  it('registers it with the runner, once, however often it is added', () => {
    expect(masks('secret-1', 'secret-1').registered).toEqual(['secret-1']);
  });

  it('registers it with and without the blanks around it', () => {
    expect(masks(' secret-1\n').registered).toEqual([' secret-1\n', 'secret-1']);
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
    expect(masks('key:\n    abcdefgh').registered).toContain('abcdefgh');
  });

  it('registers no piece of less than eight characters, which would blot out the log', () => {
    expect(SHORTEST_SECRET).toBe(8);
    expect(masks('abcdefg\n}\nabcdefgh').registered).toEqual(['abcdefg\n}\nabcdefgh', 'abcdefgh']);
    expect(masks('abcdefg').registered).toEqual([]);
  });

  it.each(['', ' '.repeat(20), '\n'.repeat(20), `  abcdefg${' '.repeat(9)}`])(
    'registers nothing for %j, whose blanks do not count',
    (secret) => {
      expect(masks(secret).registered).toEqual([]);
    },
  );

  it('registers each line of a PEM', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(masks(pem).registered).toEqual(expect.arrayContaining(pem.trim().split('\n')));
  });
});

describe('redacting a text', () => {
  it('replaces a secret wherever it is', () => {
    expect(masks('secret-1').masks.redact('secret-1, and secret-1 again')).toBe('***, and *** again');
  });

  it('leaves everything alone before a secret is added', () => {
    expect(masks().masks.redact('a text')).toBe('a text');
  });

  it('replaces the whole of a secret that holds a shorter one, whichever was added first', () => {
    expect(masks('abcdefgh', 'abcdefghijkl').masks.redact('[abcdefghijkl]')).toBe('[***]');
    expect(masks('abcdefghijkl', 'abcdefgh').masks.redact('[abcdefghijkl]')).toBe('[***]');
  });

  it('replaces a secret that is added later', () => {
    const { masks: later } = masks('secret-1');
    later.add('secret-2');
    expect(later.redact('secret-1 secret-2')).toBe('*** ***');
  });

  it('leaves nothing of any secret in any text', () => {
    const unit = fc.constantFrom('a', 'b', 'c', '\n', ' ');
    const secret = fc.string({ unit, minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1 }), (secrets) => {
        const { masks: all, registered } = masks(...secrets);
        const text = all.redact(secrets.map((one) => `<${one}>`).join('|'));
        for (const piece of registered) expect(text).not.toContain(piece);
      }),
      { numRuns: RUNS },
    );
  });
});
