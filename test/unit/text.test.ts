import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  duration,
  field,
  hasControls,
  isHex,
  list,
  Masks,
  parseJson,
  redact,
  remoteText,
  SHORTEST_SECRET,
  timeField,
  utc,
  withoutCommands,
} from '../../src/text.ts';
import { RUNS, UNIT } from './support.ts';

describe('remoteText', () => {
  it.each([
    ['leaves plain text alone', 'the token is expired', 'the token is expired'],
    ['leaves letters of any script alone', 'é漢字🔑', 'é漢字🔑'],
    ['takes a number for a text', 2024, '2024'],
    ['turns a line break into a blank', 'one\ntwo\r\nthree', 'one two three'],
    ['turns Unicode line separators into a blank', 'one\u2028two\u2029three\u0085four', 'one two three four'],
    ['turns an escape sequence of a terminal into text', '\x1b[31mred\x1b[0m', '[31mred [0m'],
    ['removes a NUL', 'a\0b', 'a b'],
    ['removes marks that turn the reading direction', 'abc\u202edef\u2066ghi', 'abc def ghi'],
    ['removes characters of no width', 'a\u200bb\ufeffc', 'a b c'],
    ['removes half of a surrogate pair', 'a\ud800b', 'a b'],
    ['collapses runs of blanks', 'a \t  b', 'a b'],
    ['drops blanks at both ends', '  a  ', 'a'],
    ['is empty for undefined', undefined, ''],
    ['is empty for null', null, ''],
    ['is empty for a boolean', true, ''],
    ['is empty for an object', { toString: () => 'x' }, ''],
    ['is empty for an array', ['x'], ''],
    ['breaks up a command of the runner', '\n::set-output name=x::evil', ': :set-output name=x: :evil'],
    // ActionCommand.TryParse of actions/runner looks for `##[` anywhere in a line.
    ['breaks up its older form', 'down ##[set-output name=x;]evil', 'down # #[set-output name=x;]evil'],
    ['cuts out letters and digits', `token ${'a1'.repeat(20)} is expired`, 'token […] is expired'],
    ['cuts out base64', `token ${'ab+/'.repeat(12)}== is expired`, 'token […] is expired'],
    ['cuts out base64url', `token ${'ab-_'.repeat(12)} is expired`, 'token […] is expired'],
    ['cuts out a JSON Web Token', `token ${'a.b'.repeat(20)} is expired`, 'token […] is expired'],
    ['cuts out a token with a tilde', `token ${'~a'.repeat(20)} is expired`, 'token […] is expired'],
    ['leaves a run of 39 characters alone', 'a'.repeat(39), 'a'.repeat(39)],
    ['cuts to 200 characters', 'ab '.repeat(100), `${'ab '.repeat(66)}a…`],
  ])('%s', (_what, given, expected) => {
    expect(remoteText(given)).toBe(expected);
  });

  it.each([
    ['word '.repeat(100), 12, 'word word w…'],
    ['a b c d e f', 11, 'a b c d e f'],
    [`ab${'🔑'.repeat(10)}`, 6, 'ab🔑…'],
  ])('cuts %j to %i characters, and no character in two', (given, limit, expected) => {
    expect(remoteText(given, limit)).toBe(expected);
  });

  it('shows no part of a token that begins where a very long text is cut off', () => {
    const token = 'secret0123456789'.repeat(8);
    expect(remoteText(`expired:${' '.repeat(200 * 8 - 40)}${token}`)).not.toContain('secret');
  });

  it('holds, for any text, no control character, no line break and no opaque run, within its limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: UNIT, maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (text, limit) => {
        const clean = remoteText(text, limit);
        expect(clean.length).toBeLessThanOrEqual(limit);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(clean).not.toMatch(/[\w+/=.~-]{40,}/);
        expect(clean).not.toMatch(/::|##\[/);
      }),
      { numRuns: RUNS },
    );
  });
});

it('redact replaces every occurrence of every secret, as it is and not as a pattern', () => {
  expect(redact('one b a.c abc $& one', ['one', 'a.c', '$&'])).toBe('*** b *** abc *** ***');
});

describe('Masks', () => {
  /** Masks, and everything that they have told the runner. */
  function masks(...secrets: string[]) {
    const registered: string[] = [];
    const all = new Masks((secret) => registered.push(secret));
    for (const secret of secrets) all.add(secret);
    return { masks: all, registered };
  }

  it.each([
    ['once, however often it is added', ['secret-1', 'secret-1'], ['secret-1']],
    ['with and without the blanks around it', [' secret-1\n'], [' secret-1\n', 'secret-1']],
    ['a line without its indentation', ['key:\n    abcdefgh'], ['key:\n    abcdefgh', 'abcdefgh']],
    [
      'no piece of less than eight characters',
      ['abcdefg', 'abcdefg\n}\nabcdefgh'],
      ['abcdefg\n}\nabcdefgh', 'abcdefgh'],
    ],
    ['nothing empty', ['', ' '.repeat(20), '\n'.repeat(20), `  abcdefg${' '.repeat(9)}`], []],
  ])('register a secret: %s', (_what, secrets, expected) => {
    expect(masks(...secrets).registered).toEqual(expected);
  });

  it.each(['\n', '\r', '\r\n', '\\n', '\\r\\n'])('register each line of a PEM with %j', (lineBreak) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const lines = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().trim().split('\n');
    const pem = lines.join(lineBreak);
    expect(masks(pem).registered).toEqual([pem, ...lines]);
  });

  it('redact every secret, also one that is added later, and the whole of one that holds a shorter one', () => {
    const { masks: all } = masks('abcdefgh', 'abcdefghijkl');
    expect(all.redact('[abcdefghijkl] abcdefgh, abcdefgh')).toBe('[***] ***, ***');
    all.add('secret-2');
    expect(all.redact('secret-2 and secret-3')).toBe('*** and secret-3');
  });

  it('leave nothing of any secret in any text', () => {
    const secret = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '\n', ' '),
      minLength: 8,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1 }), (secrets) => {
        const { masks: all, registered } = masks(...secrets);
        const text = all.redact(secrets.map((one) => `<${one}>`).join('|'));
        for (const piece of registered) expect(text).not.toContain(piece);
        for (const piece of registered) expect(piece.trim().length).toBeGreaterThanOrEqual(SHORTEST_SECRET);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('utc', () => {
  it.each([
    ['the beginning of 1970', 0, '1970-01-01T00:00:00Z'],
    ['a time without its milliseconds', Date.UTC(2026, 7, 1, 12, 30, 45, 678), '2026-08-01T12:30:45Z'],
    ['a number that is none', Number.NaN, 'an unknown time'],
    ['a time beyond all calendars', 9e15, 'an unknown time'],
  ])('tells %s', (_what, ms, expected) => {
    expect(utc(ms)).toBe(expected);
  });
});

describe('duration', () => {
  it.each([
    [0, '0.0 s'],
    [250, '0.3 s'],
    [9_900, '9.9 s'],
    [10_000, '10 s'],
    [41_400, '41 s'],
    [60_000, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [119_600, '2 min 0 s'],
  ])('tells %i ms as %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });
});

describe('list', () => {
  it.each([
    ['nothing', [], ''],
    ['one thing', ['a'], 'a'],
    ['two things', ['a', 'b'], 'a and b'],
    ['three things', ['a', 'b', 'c'], 'a, b and c'],
  ])('tells %s', (_what, items, expected) => {
    expect(list(items)).toBe(expected);
  });
});

describe('field', () => {
  it.each([
    ['an own property', { a: 1 }, 'a', 1],
    ['a property that is not there', {}, 'a', undefined],
    ['a property of the prototype', {}, 'toString', undefined],
    ['a property that a body tries to lend by `__proto__`', parseJson('{"__proto__":{"a":1}}'), 'a', undefined],
    ['null', null, 'a', undefined],
    ['undefined', undefined, 'a', undefined],
    ['a string', 'text', 'length', undefined],
  ])('looks at %s', (_what, json, name, expected) => {
    expect(field(json, name)).toBe(expected);
  });
});

it.each([
  ['{"a":[1,null]}', { a: [1, null] }],
  ['', undefined],
  ['<html>', undefined],
  ['{"a":', undefined],
])('parseJson reads %j', (text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

it.each([
  ['{"at":"2026-03-01T12:00:00Z"}', Date.UTC(2026, 2, 1, 12)],
  ['{"at":"noon"}', Number.NaN],
  ['{"at":1772366400000}', Number.NaN],
  ['{"at":{"toString":1}}', Number.NaN],
  ['{}', Number.NaN],
])('timeField reads %s', (text, expected) => {
  expect(timeField(parseJson(text), 'at')).toBe(expected);
});

it.each([
  ['0123456789abcdefABCDEF', undefined, true],
  ['ab', 2, true],
  ['ab', 3, false],
  ['abc', 2, false],
  ['', undefined, false],
  ['', 0, false],
  ['ag', undefined, false],
  ['ab\n', undefined, false],
  [' ab', undefined, false],
])('isHex: %j, of %s digits: %s', (text, digits, expected) => {
  expect(isHex(text, digits)).toBe(expected);
});

it.each(['a\nb', 'a\u200bb', 'a\u2028b', 'a\u2029b', 'a\ud800b', '\u007f'])('hasControls finds one in %j', (text) => {
  // Twice, because an expression may remember where it was.
  expect([hasControls(text), hasControls(text)]).toEqual([true, true]);
});

it.each(['plain text ~', 'é漢字🔑', ''])('hasControls finds none in %j', (text) => {
  expect(hasControls(text)).toBe(false);
});

it('withoutCommands breaks up every older mark of a command', () => {
  expect(withoutCommands('##[a]##[b] ###[c] # [')).toBe('# #[a]# #[b] ## #[c] # [');
});
