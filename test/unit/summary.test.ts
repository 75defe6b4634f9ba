import { describe, expect, it } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import { MEANINGS } from '../../src/fate.ts';
import { type Summary, summaryOf } from '../../src/summary.ts';

const STORED: Summary = { state: 'stored', facts: [['Cobo', 'prod']], warnings: [], isPost: false };
const ACCESS = {
  accessToken: 'x',
  tokenType: 'Bearer',
  scope: '',
  expiresIn: 60,
  expiresAt: Date.UTC(2026, 2, 1),
};

describe('the summary', () => {
  it('of a run that goes well is a table', () => {
    expect(summaryOf({ ...STORED, access: ACCESS }, undefined)).toBe(
      [
        '### ✅ Cobo access token',
        '',
        '| Cobo | prod |',
        '| --- | --- |',
        '| Access token | valid until 2026-03-01T00:00:00Z |',
        '| Refresh token | **stored**. The new refresh token is in every store. |',
        '',
      ].join('\n'),
    );
  });

  it('of a failed run says what failed, what to do, and shows the envelope', () => {
    const error = new ActionError('store-failed', 'It failed.', 'Start again.');
    const summary: Summary = {
      ...STORED,
      state: 'sealed',
      warnings: ['The store is full.', 'The token expires.'],
      envelope: 'cobo-envelope-v1.abc',
    };
    expect(summaryOf(summary, error)).toBe(
      [
        '### ❌ The new refresh token could not be stored',
        '',
        'It failed.',
        '',
        '**What to do:** Start again.',
        '',
        '⚠️ The store is full.',
        '',
        '⚠️ The token expires.',
        '',
        '| Cobo | prod |',
        '| --- | --- |',
        '| Refresh token | **sealed**. The new refresh token is sealed in the recovery envelope. |',
        '',
        'The recovery envelope holds the new refresh token, encrypted for the holder of the private key:',
        '',
        '```text',
        'cobo-envelope-v1.abc',
        '```',
        '',
      ].join('\n'),
    );
  });

  it.each([null, undefined])('shows no envelope where there is none (%s)', (envelope) => {
    expect(summaryOf({ ...STORED, ...(envelope === null ? { envelope } : {}) }, undefined)).not.toContain(
      'envelope',
    );
  });

  it('is a table although nothing is known', () => {
    expect(summaryOf({ ...STORED, facts: [] }, undefined)).toContain('\n| Refresh token | **stored**.');
  });

  it('keeps what is in a cell within the cell', () => {
    const facts: [string, string][] = [['Written', '`TOKEN` in `environment:a|b|c@octo/app`']];
    expect(summaryOf({ ...STORED, facts }, undefined)).toContain(
      '\n| Written | `TOKEN` in `environment:a\\|b\\|c@octo/app` |\n',
    );
  });

  it.each([
    ['HTML', '<img src=x> & <b> & more', '&lt;img src=x> &amp; &lt;b> &amp; more'],
    ['links', 'see [a](https://evil.test) and [b](x)', 'see [a]\\(https://evil.test) and [b]\\(x)'],
    ['lines', 'one\r\n# two\n\nthree', 'one # two three'],
  ])('takes %s in an error or a warning for plain text', (_what, text, shown) => {
    const error = new ActionError('cobo-refused', text, text);
    const lines = summaryOf({ ...STORED, state: 'unspent', warnings: [text] }, error).split('\n');
    expect(lines.slice(0, 7)).toEqual([
      '### ❌ Cobo refused the request',
      '',
      shown,
      '',
      `**What to do:** ${shown}`,
      '',
      `⚠️ ${shown}`,
    ]);
  });
});

describe('the headline', () => {
  it.each([
    [{}, '✅ Cobo access token'],
    [{ warnings: ['x'] }, '⚠️ Cobo access token'],
    [{ isPost: true }, '✅ Cobo access token: finished after the job'],
    [{ dryRun: true, state: 'unspent' as const }, '✅ Cobo access token: dry run'],
    [{ dryRun: true, state: 'unspent' as const, warnings: ['x'] }, '⚠️ Cobo access token: dry run'],
    [{ state: 'sealed' as const }, '⚠️ Cobo access token'],
    [{ state: 'unknown' as const }, '⚠️ Cobo access token'],
  ])('of %j', (changes, headline) => {
    const [first] = summaryOf({ ...STORED, ...changes }, undefined).split('\n');
    expect(first).toBe(`### ${headline}`);
  });
});

it.each(Object.entries(MEANINGS))('says what %s means', (state, { sentence }) => {
  const text = summaryOf({ ...STORED, state: state as keyof typeof MEANINGS }, undefined);
  expect(text).toContain(`| Refresh token | **${state}**. ${sentence} |`);
});
