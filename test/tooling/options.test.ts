import { describe, expect, it } from 'vitest';
import { choice, flag, helpText, parseOptions, text, UsageError, wholeNumber } from '../../scripts/options.ts';

const LINE = {
  command: 'npm run demo --',
  about: 'Shows something.',
  options: {
    rounds: wholeNumber('how many rounds', 15, { max: 1000 }),
    seed: wholeNumber('repeats a run', undefined, { min: 0 }),
    fail: choice('a failure to show', ['storing', 'stale']),
    out: text('where to write', 'FILE'),
    quiet: flag('says less'),
  },
};

describe('the options of a command line', () => {
  it('are what is given, or what they are by default', () => {
    const nothing = { rounds: 15, seed: undefined, fail: undefined, out: undefined, quiet: false };
    expect(parseOptions(LINE, [])).toEqual(nothing);
    const given = parseOptions(LINE, ['--rounds', '3', '--seed=0', '--fail', 'stale', '--out', 'x', '--quiet']);
    expect(given).toEqual({ rounds: 3, seed: 0, fail: 'stale', out: 'x', quiet: true });
  });

  it.each<[string[], string]>([
    ...['x', '0', '1.5', '1e2'].map((no): [string[], string] => [
      ['--rounds', no],
      `--rounds must be a whole number from 1 to 1000, not "${no}"`,
    ]),
    [['--seed=-1'], '--seed must be a whole number of 0 or more, not "-1"'],
    [['--rounds'], '--rounds needs a value'],
    [['--rounds='], '--rounds needs a value'],
    [['--quiet=yes'], '--quiet takes no value'],
    [['--fail', 'nothing'], '--fail must be one of storing, stale, not "nothing"'],
    [['--rouns', '3'], '--rouns is not an option. There are --rounds, --seed, --fail, --out, --quiet'],
    [['--toString'], '--toString is not an option. There are --rounds, --seed, --fail, --out, --quiet'],
    [['-q'], '-q is not an option. There are --rounds, --seed, --fail, --out, --quiet'],
    [['storing'], '"storing" is not an option. Options follow "npm run demo --"'],
  ])('%j is refused in one line', (args, message) => {
    expect(() => parseOptions(LINE, args)).toThrow(new UsageError(message));
  });

  it('are explained', () => {
    expect(helpText(LINE).split('\n')).toEqual([
      'Shows something.',
      '',
      'Usage: npm run demo -- [OPTIONS]',
      '',
      '  --rounds N   how many rounds (15 by default)',
      '  --seed N     repeats a run',
      '  --fail NAME  a failure to show: storing, stale',
      '  --out FILE   where to write',
      '  --quiet      says less',
      '  --help       prints this',
    ]);
  });
});
