import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as text from '../../src/text.ts';
import { RUNS, UNIT } from './support.ts';

describe('remoteText', () => {
  it.each([
    ['the token is expired: é漢字🔑', 'the token is expired: é漢字🔑'],
    [2024, '2024'],
    ...[undefined, null, true, ['x'], { toString: () => 'x' }].map((given): [unknown, string] => [given, '']),
    ['one\ntwo\r\nthree', 'one two three'],
    ['one\u2028two\u2029three\u0085four', 'one two three four'],
    ['\x1b[31mred\x1b[0m a\0b', '[31mred [0m a b'],
    // Marks that turn the reading direction, characters of no width, half of a surrogate pair.
    ['abc\u202edef\u2066ghi, a\u200bb\ufeffc, a\ud800b', 'abc def ghi, a b c, a b'],
    ['  a \t  b  ', 'a b'],
    ['\n::set-output name=x::evil', ': :set-output name=x: :evil'],
    // ActionCommand.TryParse of actions/runner looks for `##[` anywhere in a line.
    ['down ##[set-output name=x;]evil', 'down # #[set-output name=x;]evil'],
    // Letters and digits, base64, base64url, a JSON Web Token, a tilde.
    ...['a1', 'b+/=', 'b-_', 'a.b', '~a'].map((part): [unknown, string] => [`is ${part.repeat(20)}`, 'is […]']),
    [`${'a'.repeat(39)} ${'b'.repeat(40)}`, `${'a'.repeat(39)} […]`],
    ['ab '.repeat(100), `${'ab '.repeat(66)}a…`],
    // No part of a token shows, where a long text is cut off.
    [`ab${' '.repeat(1_560)}${'secret0123456789'.repeat(8)}`, 'ab […]'],
  ])('makes %j fit for a log', (given, expected) => {
    expect(text.remoteText(given)).toBe(expected);
  });

  it.each([
    ['word '.repeat(100), 12, 'word word w…'],
    ['a b c d e f', 11, 'a b c d e f'],
    ['a ##[b', 6, 'a # #…'],
    [`ab${'🔑'.repeat(10)}`, 6, 'ab🔑…'],
  ])('cuts %j to %i characters, and no character in two', (given, limit, expected) => {
    expect(text.remoteText(given, limit)).toBe(expected);
  });

  it('holds, for any text, no control character, no line break, no opaque run and no command, within its limit', () => {
    const given = fc.string({ unit: fc.oneof(UNIT, fc.constantFrom(':', '#', '##[', 'a'.repeat(39))), maxLength: 400 });
    fc.assert(
      fc.property(given, fc.integer({ min: 1, max: 60 }), (remote, limit) => {
        const clean = text.remoteText(remote, limit);
        expect(clean.length).toBeLessThanOrEqual(limit);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[\w+/=.~-]{40,}|::|##\[/u);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('Masks', () => {
  /** Masks, and everything that they have told the runner. */
  function masks(...secrets: string[]) {
    const registered: string[] = [];
    const all = new text.Masks((secret) => registered.push(secret));
    all.add(...secrets);
    return { all, registered };
  }

  it.each([
    [['secret-1', 'secret-1'], ['secret-1']],
    [[' secret-1\n'], [' secret-1\n', 'secret-1']],
    [['key:\n    abcdefgh\n'], ['key:\n    abcdefgh\n', 'key:\n    abcdefgh', 'abcdefgh']],
    [['abcdefg'], []],
    [['abcdefg\n}\nabcdefgh'], ['abcdefg\n}\nabcdefgh', 'abcdefgh']],
    [['', ' '.repeat(20), '\n'.repeat(20), `  abcdefg${' '.repeat(9)}`], []],
  ])('register of %j each piece of eight characters or more, once: %j', (secrets, expected) => {
    expect(masks(...secrets).registered).toEqual(expected);
  });

  it.each(['\n', '\r', '\r\n', '\\n', '\\r\\n'])('register each line of a PEM with %j', (lineBreak) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const lines = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().trim().split('\n');
    const pem = lines.join(lineBreak);
    expect(masks(pem).registered).toEqual([pem, ...lines]);
  });

  it('redact every secret, also one that is added later, and the whole of one that holds a shorter one', () => {
    const { all } = masks('abcdefgh', 'abcdefghijkl');
    expect(all.redact('[abcdefghijkl] abcdefgh, abcdefgh')).toBe('[***] ***, ***');
    all.add('secret-2');
    expect(all.redact('secret-2 and secret-3')).toBe('*** and secret-3');
  });

  it('leave nothing of any secret in any text', () => {
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n', ' '), minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1 }), (secrets) => {
        const { all, registered } = masks(...secrets);
        const clean = all.redact(secrets.map((one) => `<${one}>`).join('|'));
        for (const piece of registered) expect(clean).not.toContain(piece);
        for (const piece of registered) expect(piece.trim().length).toBeGreaterThanOrEqual(text.SHORTEST_SECRET);
      }),
      { numRuns: RUNS },
    );
  });
});

/** What a function makes of some values. Each is given twice, because an expression may remember where it was. */
function rows<T>(name: string, of: (given: T) => unknown, ...cases: [given: T, expected: unknown][]): void {
  it.each(cases)(`${name}: %j gives %j`, (given, expected) => {
    expect([of(given), of(given)]).toEqual([expected, expected]);
  });
}

const redact = (secrets: string[]) => text.redact('one b a.c abc $& one', secrets);
rows('redact', redact, [['one', 'a.c', '$&'], '*** b *** abc *** ***']);
rows('withoutCommands', text.withoutCommands, ['##[a]##[b] ###[c] # [', '# #[a]# #[b] ## #[c] # [']);
rows('utc', text.utc, [0, '1970-01-01T00:00:00Z'], [Date.UTC(2026, 7, 1, 12, 30, 45, 678), '2026-08-01T12:30:45Z']);
rows('utc', text.utc, [Number.NaN, 'an unknown time'], [9e15, 'an unknown time']);
rows('duration', text.duration, [0, '0.0 s'], [250, '0.3 s'], [9_900, '9.9 s'], [10_000, '10 s'], [41_400, '41 s']);
rows('duration', text.duration, [60_000, '1 min 0 s'], [125_000, '2 min 5 s'], [119_600, '2 min 0 s']);
rows('list', text.list, [[], ''], [['a'], 'a'], [['a', 'b'], 'a and b'], [['a', 'b', 'c'], 'a, b and c']);
rows('parseJson', text.parseJson, ['{"a":[1,null]}', { a: [1, null] }], ['', undefined], ['<html>', undefined]);

const JSON_TEXT = '{"a":1,"at":"2026-03-01T12:00:00Z","noon":"noon","bad":{"toString":1},"__proto__":{"b":1}}';
const json = text.parseJson(JSON_TEXT);
rows('field', (name) => text.field(json, name), ['a', 1], ['b', undefined], ['toString', undefined]);
rows('field a', (other) => text.field(other, 'a'), [null, undefined], [undefined, undefined], [{}, undefined]);
rows('field length', (other) => text.field(other, 'length'), ['text', undefined]);
rows('timeField', (name) => text.timeField(json, name), ['at', Date.UTC(2026, 2, 1, 12)], ['noon', Number.NaN]);
rows('timeField', (name) => text.timeField(json, name), ['a', Number.NaN], ['bad', Number.NaN], ['b', Number.NaN]);

rows('isHex', text.isHex, ['0123456789abcdefABCDEF', true], ['', false], ['ag', false], [' ab', false]);
rows('isHex', (digits) => text.isHex('ab', digits), [2, true], [3, false], [1, false]);
rows('isHex', (one) => text.isHex(one, one.length), ['', false], ['ab\n', false]);
rows('hasControls', text.hasControls, ['plain text ~', false], ['é漢字🔑', false], ['', false], ['a\nb', true]);
rows('hasControls', text.hasControls, ['a\u200bb', true], ['a\u2028b', true], ['a\u2029b', true], ['a\ud800b', true]);
