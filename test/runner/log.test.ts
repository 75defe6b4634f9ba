import { describe, expect, it } from 'vitest';
import { Lines } from '../../emulators/runner/lines.ts';
import { StepLog } from '../../emulators/runner/log.ts';

function logOf(lines: string[], options: ConstructorParameters<typeof StepLog>[0] = {}): StepLog {
  const log = new StepLog(options);
  for (const line of lines) log.write(line);
  return log;
}

describe('masks', () => {
  it('hide what comes after their registration, and nothing before it', () => {
    expect(logOf(['a hunter2-x', '::add-mask::hunter2-x', 'b hunter2-x']).shown).toEqual(['a hunter2-x', 'b ***']);
  });

  it('hide the encodings of a value', () => {
    const secret = `p@ss "word"&'1'`;
    const forms = [
      Buffer.from(secret).toString('base64'),
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret).replaceAll("'", '%27'),
      'p@ss &quot;word&quot;&amp;&apos;1&apos;',
    ];
    expect(logOf([`::add-mask::${secret}`, ...forms]).shown).toEqual(forms.map(() => '***'));
  });

  it('do not hide base64url or hex', () => {
    const secret = '??>>??>>secret';
    const forms = [Buffer.from(secret).toString('base64url'), Buffer.from(secret).toString('hex')];
    expect(logOf([`::add-mask::${secret}`, ...forms]).shown).toEqual(forms);
  });

  it('of several lines hide each line, on a current runner', () => {
    const lines = ['::add-mask::first%0D%0Asecond', 'first', 'the second'];
    expect(logOf(lines).shown).toEqual(['***', 'the ***']);
    expect(logOf(lines, { maskEachLine: false }).shown).toEqual(['first', 'the second']);
  });

  it('merge where they overlap or touch', () => {
    const log = logOf(['::add-mask::abcd', '::add-mask::cdef', 'x abcdef abcdabcd y abcd']);
    expect(log.shown).toEqual(['x *** *** y ***']);
  });

  it('inherited from the job hide from the start', () => {
    expect(logOf(['tok_123'], { inheritMasks: ['tok_123'] }).shown).toEqual(['***']);
  });

  it('warn about an empty value', () => {
    expect(logOf(['::add-mask::']).annotations[0]?.level).toBe('warning');
  });
});

describe('commands', () => {
  it('become annotations, unescaped and masked', () => {
    const log = logOf([
      '::add-mask::secret',
      '  ::error file=a.ts,title=Bad%3A news%2C 100%25::no secret%0Ahere %250A',
      '::notice::n',
    ]);
    expect(log.annotations).toEqual([
      { level: 'error', title: 'Bad: news, 100%', message: 'no ***\nhere %0A' },
      { level: 'notice', title: '', message: 'n' },
    ]);
    expect(log.rawAnnotations[0]?.message).toBe('no secret\nhere %0A');
    expect(log.shown).toEqual(['##[error]no ***', 'here %0A', '##[notice]n']);
  });

  it('are plain text in mid-line or with an unknown name', () => {
    const lines = ['say ::error::x', '::unheard-of::x', '::ffff:1.2.3.4', ':: error::x'];
    expect(logOf(lines).shown).toEqual(lines);
  });

  it('count in the old form too, anywhere in the line', () => {
    const log = logOf(['x ##[add-mask]secret', 'a secret']);
    expect(log.shown).toEqual(['a ***']);
  });

  it('keep debug lines out of the log unless debugging is on', () => {
    expect(logOf(['::debug::x']).shown).toEqual([]);
    expect(logOf(['::debug::x']).debug).toEqual(['x']);
    expect(logOf(['::debug::x'], { debug: true }).shown).toEqual(['##[debug]x']);
  });

  it('stop and start again with the token', () => {
    const log = logOf(['::stop-commands::tok', '::error::plain', '::TOK::', '::error::again']);
    expect(log.annotations.map((a) => a.message)).toEqual(['again']);
    expect(log.shown[0]).toBe('::error::plain');
  });

  it('of old are recorded as violations', () => {
    const log = logOf(['::set-output name=a::b', '::set-env name=c::d', '::stop-commands::error']);
    expect(log.violations).toEqual(['set-output a', 'set-env c', 'stop-commands error']);
  });

  it('name groups', () => {
    const log = logOf(['::add-mask::secret', '::group::a secret', 'in', '::endgroup::']);
    expect(log.groups).toEqual(['a ***']);
    expect(log.shown).toEqual(['##[group]a ***', 'in', '##[endgroup]']);
  });
});

describe('lines', () => {
  it('end at LF, CRLF and CR, wherever the chunks and characters are cut', () => {
    const bytes = Buffer.from('ü\r\n\nä\rb\r');
    for (let size = 1; size <= bytes.length; size++) {
      const seen: string[] = [];
      const lines = new Lines((line) => seen.push(line));
      for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size));
      lines.end();
      expect(seen).toEqual(['ü', '', 'ä', 'b']);
    }
  });
});
