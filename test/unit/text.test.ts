import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  duration,
  field,
  hasControls,
  isHex,
  list,
  parseJson,
  redact,
  remoteText,
  timeField,
  utc,
  withoutCommands,
} from '../../src/text.ts';
import { RUNS, UNIT } from './support.ts';

describe('remoteText', () => {
  it.each([
    ['leaves plain text alone', 'the token is expired', 'the token is expired'],
    ['leaves letters of any script alone', 'é漢字🔑', 'é漢字🔑'],
    ['tells a number as a text', 2024, '2024'],
    ['turns a line break into a blank', 'one\ntwo\r\nthree', 'one two three'],
    ['turns Unicode line separators into a blank', 'one\u2028two\u2029three\u0085four', 'one two three four'],
    ['turns an escape sequence of a terminal into text', '\x1b[31mred\x1b[0m', '[31mred [0m'],
    ['removes a NUL', 'a\0b', 'a b'],
    ['removes marks that turn the reading direction', 'abc\u202edef\u2066ghi', 'abc def ghi'],
    ['removes characters of no width', 'a\u200bb\ufeffc', 'a b c'],
    ['removes half of a surrogate pair', 'a\ud800b', 'a b'],
    ['collapses runs of blanks', 'a \t  b', 'a b'],
    ['drops blanks at both ends', '  a  ', 'a'],
  ])('%s', (_what, given, expected) => {
    expect(remoteText(given)).toBe(expected);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a boolean', true],
    ['an object', { toString: () => 'x' }],
    ['an array', ['x']],
  ])('is empty for %s', (_what, given) => {
    expect(remoteText(given)).toBe('');
  });

  it('cuts a text that is too long to its limit, with an ellipsis', () => {
    expect(remoteText('word '.repeat(100), 12)).toBe('word word w…');
  });

  it('leaves a text of exactly the limit whole', () => {
    expect(remoteText('a b c d e f', 11)).toBe('a b c d e f');
  });

  it('cuts to 200 characters when no limit is given', () => {
    expect(remoteText('ab '.repeat(100))).toHaveLength(200);
  });

  it.each([
    ['letters and digits', 'a1'.repeat(20)],
    ['base64', `${'ab+/'.repeat(12)}==`],
    ['base64url', 'ab-_'.repeat(12)],
    ['a JSON Web Token', `${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`],
    ['a token with a tilde', '~a'.repeat(20)],
  ])('cuts out %s of 40 characters or more, which may be a token', (_what, token) => {
    expect(remoteText(`token ${token} is expired`)).toBe('token […] is expired');
  });

  it('leaves a run of 39 characters alone', () => {
    expect(remoteText('a'.repeat(39))).toBe('a'.repeat(39));
  });

  it('shows no part of a token that begins where a very long text is cut off', () => {
    const token = 'secret0123456789'.repeat(8);
    expect(remoteText(`expired:${' '.repeat(200 * 8 - 40)}${token}`)).not.toContain('secret');
  });

  it('does not begin with the mark of a runner command', () => {
    expect(remoteText('\n::set-output name=access-token::evil')).toBe(
      ': :set-output name=access-token: :evil',
    );
  });

  // ActionCommand.TryParse of actions/runner looks for `##[` anywhere in a line, not at its start alone.
  it.each(['down ##[set-output name=access-token;]evil', '##[add-path]/tmp/evil', '##[stop-commands]x'])(
    'does not hold the older mark of a runner command: %s',
    (given) => {
      expect(remoteText(given)).not.toContain('##[');
    },
  );

  it('does not cut a character in two', () => {
    expect(remoteText(`ab${'🔑'.repeat(10)}`, 6)).not.toMatch(/\p{Cs}/u);
  });

  it('holds, for any text, no control character, no line break and no opaque run, within its limit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: UNIT, maxLength: 400 }),
        fc.integer({ min: 1, max: 60 }),
        (text, limit) => {
          const clean = remoteText(text, limit);
          expect(clean.length).toBeLessThanOrEqual(limit);
          expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(clean).not.toMatch(/[\w+/=.~-]{40,}/);
          expect(clean).not.toMatch(/::|##\[/);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('redact', () => {
  it('replaces every occurrence of every secret', () => {
    expect(redact('a one b two c one', ['one', 'two'])).toBe('a *** b *** c ***');
  });

  it('takes a secret as it is, not as a pattern', () => {
    expect(redact('a.c abc $&', ['a.c', '$&'])).toBe('*** abc ***');
  });

  it('leaves a text without secrets alone', () => {
    expect(redact('nothing here', new Set(['secret']))).toBe('nothing here');
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
  it('is the value of an own property', () => {
    expect(field({ a: 1 }, 'a')).toBe(1);
  });

  it.each([
    ['a property that is not there', {}, 'a'],
    ['a property of the prototype', {}, 'toString'],
    ['a property that a body tries to lend by `__proto__`', JSON.parse('{"__proto__":{"a":1}}'), 'a'],
    ['null', null, 'a'],
    ['undefined', undefined, 'a'],
    ['a string', 'text', 'length'],
    ['a number', 5, 'toFixed'],
  ])('is undefined for %s', (_what, json, name) => {
    expect(field(json, name)).toBeUndefined();
  });
});

describe('parseJson', () => {
  it('is the parsed value', () => {
    expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
  });

  it.each(['', '<html>', '{"a":', "{'a':1}"])('is undefined for %j, which is not JSON', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });
});

describe('timeField', () => {
  it.each([
    ['a time', '{"at":"2026-03-01T12:00:00Z"}', Date.UTC(2026, 2, 1, 12)],
    ['a word', '{"at":"noon"}', Number.NaN],
    ['a number', '{"at":1772366400000}', Number.NaN],
    ['an object that borrows a name', '{"at":{"toString":1}}', Number.NaN],
    ['nothing', '{}', Number.NaN],
  ])('reads %s', (_what, text, expected) => {
    expect(timeField(parseJson(text), 'at')).toBe(expected);
  });
});

describe('isHex', () => {
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
  ])('%j, of %s digits: %s', (text, digits, expected) => {
    expect(isHex(text, digits)).toBe(expected);
  });
});

describe('hasControls', () => {
  it.each([
    ['plain text ~', false],
    ['é漢字🔑', false],
    ['', false],
    ['a\nb', true],
    ['a\u200bb', true],
    ['a\u2028b', true],
    ['a\ud800b', true],
    ['\u007f', true],
  ])('%j: %s', (text, expected) => {
    expect(hasControls(text)).toBe(expected);
  });
});

it('withoutCommands breaks up every older mark of a command', () => {
  expect(withoutCommands('##[a]##[b] ###[c] # [')).toBe('# #[a]# #[b] ## #[c] # [');
});
