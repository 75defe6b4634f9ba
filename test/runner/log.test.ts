import { describe, expect, it } from 'vitest';
import { findLeaks } from '../../emulators/runner/leaks.ts';
import { Lines } from '../../emulators/runner/lines.ts';
import { StepLog } from '../../emulators/runner/log.ts';

function logOf(lines: string[], options: ConstructorParameters<typeof StepLog>[0] = {}): StepLog {
  const log = new StepLog(options);
  for (const line of lines) log.write(line);
  return log;
}

const mask = (value: string) => `::add-mask::${value}`;

describe('masks', () => {
  it.each([
    [
      'what comes after their registration',
      ['a hunter2-x', mask('hunter2-x'), 'b hunter2-x'],
      ['a hunter2-x', 'b ***'],
    ],
    ['each line of a value', [mask('first%0D%0Asecond'), 'first', 'the second'], ['***', 'the ***']],
    ['overlaps and neighbours as one', [mask('abcd'), mask('cdef'), 'x abcdef abcdabcd y abcd'], ['x *** *** y ***']],
    ['by the old form of the command too, in mid-line', ['x ##[add-mask]secret', 'a secret'], ['a ***']],
  ])('hide %s', (_what, lines, shown) => {
    expect(logOf(lines).shown).toEqual(shown);
  });

  it('hide the encodings of a value, but not base64url or hex', () => {
    const secret = `p@ss "word"&'1'?>`;
    const forms = [
      Buffer.from(secret).toString('base64'),
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret).replaceAll("'", '%27'),
      'p@ss &quot;word&quot;&amp;&apos;1&apos;?&gt;',
    ];
    const others = [Buffer.from('??>>??>>secret').toString('base64url'), Buffer.from(secret).toString('hex')];
    const shown = [...forms.map(() => '***'), ...others];
    expect(logOf([mask(secret), mask('??>>??>>secret'), ...forms, ...others]).shown).toEqual(shown);
  });

  it('inherited from the job hide from the start; an empty one is warned of', () => {
    expect(logOf(['tok_123'], { inheritMasks: ['tok_123'] }).shown).toEqual(['***']);
    expect(logOf([mask('')]).annotations[0]?.level).toBe('warning');
  });
});

describe('commands', () => {
  it('become annotations, unescaped and masked', () => {
    const error = '  ::error file=a.ts,title=Bad%3A news%2C 100%25::no secret%0Ahere %250A';
    const log = logOf([mask('secret'), error, '::notice::n']);
    expect(log.annotations).toEqual([
      { level: 'error', title: 'Bad: news, 100%', message: 'no ***\nhere %0A' },
      { level: 'notice', title: '', message: 'n' },
    ]);
    expect(log.rawAnnotations[0]?.message).toBe('no secret\nhere %0A');
    expect(log.shown).toEqual(['##[error]no ***', 'here %0A', '##[notice]n']);
  });

  it.each(['say ::error::x', '::unheard-of::x', '::ffff:1.2.3.4', ':: error::x'])('are not in %j', (line) => {
    expect(logOf([line]).shown).toEqual([line]);
  });

  it('keep debug lines out of the log unless debugging is on', () => {
    expect(logOf(['::debug::x'])).toMatchObject({ shown: [], debug: ['x'] });
    expect(logOf(['::debug::x'], { debug: true }).shown).toEqual(['##[debug]x']);
  });

  it('stop and start again with the token', () => {
    const log = logOf(['::stop-commands::tok', '::error::plain', '::TOK::', '::error::again']);
    expect(log.annotations.map(({ message }) => message)).toEqual(['again']);
    expect(log.shown[0]).toBe('::error::plain');
  });

  it('of old are recorded as violations', () => {
    const log = logOf(['::set-output name=a::b', '::set-env name=c::d', '::stop-commands::error']);
    expect(log.violations).toEqual(['set-output a', 'set-env c', 'stop-commands error']);
  });

  it('name groups', () => {
    const lines = [mask('secret'), '::group::a secret', 'in', '::endgroup::'];
    expect(logOf(lines).shown).toEqual(['##[group]a ***', 'in', '##[endgroup]']);
  });
});

it('lines end at LF, CRLF and CR, wherever the chunks and characters are cut', () => {
  const bytes = Buffer.from('ü\r\n\nä\rb\r');
  for (let size = 1; size <= bytes.length; size++) {
    const seen: string[] = [];
    const lines = new Lines((line) => seen.push(line));
    for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size));
    lines.end();
    expect(seen).toEqual(['ü', '', 'ä', 'b']);
  }
});

describe('the search for leaks', () => {
  const TOKEN = 'tok-?>5f0d9a"7c41/é';
  const KEY = '9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60';
  const PEM = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\nabcdefghijk\n-----END PRIVATE KEY-----\n';
  const CLEAN = { log: '', annotations: [], debug: [], rawSummary: '' };
  const base64 = (text: string, encoding: BufferEncoding = 'base64') => Buffer.from(text).toString(encoding);

  it.each([
    ['a token', TOKEN, TOKEN],
    ['base64', TOKEN, base64(TOKEN)],
    ['base64 within more', TOKEN, base64(`{"t":"${TOKEN}"}`)],
    ['base64 within more', TOKEN, base64(`x${TOKEN}y`)],
    ['base64url within more', TOKEN, base64(`xy${TOKEN}z`, 'base64url')],
    ['hex', TOKEN, base64(TOKEN, 'hex').toUpperCase()],
    ['URI', TOKEN, encodeURIComponent(TOKEN)],
    ['JSON', TOKEN, JSON.stringify({ t: TOKEN })],
    ['a hex key in lower case', KEY, KEY.toLowerCase()],
    ['the bytes of a hex key', KEY, Buffer.from(KEY, 'hex').toString('base64')],
    ['base64 of a hex key', KEY, base64(KEY.toLowerCase())],
    ['a line of a key', PEM, 'abcdefghijk'],
    ['a line of a key in one line', PEM.replaceAll('\n', '\\n'), 'abcdefghijk'],
  ])('finds %s', (_what, secret, text) => {
    expect(findLeaks({ ...CLEAN, log: `a\nsee ${text}.` }, ['other-secret', secret])).not.toEqual([]);
  });

  it('looks everywhere, and never repeats the secret', () => {
    const annotations = [
      { level: 'error', title: TOKEN, message: '' },
      { level: 'notice', title: '', message: TOKEN },
    ] as const;
    const leaks = findLeaks({ log: TOKEN, annotations, debug: ['', TOKEN], rawSummary: TOKEN }, [TOKEN]);
    const places = ['log', 'debug', 'summary', 'error annotation', 'notice annotation'];
    expect(leaks).toEqual(expect.arrayContaining(places.map((place) => `${place}: secret 1 as plain text`)));
    expect(leaks.join()).not.toContain(TOKEN);
  });

  it('finds nothing in a clean result, and refuses to look for nothing', () => {
    const log = `*** ${base64('something else')} ${TOKEN.slice(0, -2)} -----BEGIN PRIVATE KEY-----`;
    expect(findLeaks({ ...CLEAN, log }, [TOKEN, KEY, PEM])).toEqual([]);
    expect(() => findLeaks(CLEAN, [TOKEN, ' '])).toThrow('secret 2 is blank');
  });
});
