import { describe, expect, it } from 'vitest';
import { ActionError, isTokenState } from '../../src/errors.ts';
import { MEANINGS } from '../../src/fate.ts';
import { errorLine, type Result, summaryOf } from '../../src/summary.ts';

const STORED: Result = { state: 'stored', facts: [['Cobo', 'prod']] };
const GOOD = { error: undefined, warnings: [], isPost: false };
const ACCESS = {
  accessToken: 'x',
  tokenType: 'Bearer',
  scope: '',
  expiresIn: 60,
  expiresAt: Date.UTC(2026, 2, 1),
};

describe('the summary', () => {
  it('of a run that goes well is a table, which begins with the refresh token', () => {
    expect(summaryOf({ ...STORED, access: ACCESS, envelope: null }, GOOD)).toBe(
      [
        '### ✅ Cobo access token',
        '',
        '| Refresh token | **stored**. The new refresh token is in every store. |',
        '| --- | --- |',
        '| Access token | valid until 2026-03-01T00:00:00Z |',
        '| Cobo | prod |',
        '',
      ].join('\n'),
    );
  });

  it('of a failed run says what failed, what to do, and shows the envelope', () => {
    const error = new ActionError('store-failed', 'It failed.', 'Start again.');
    const warnings = ['The store is full.', 'The token expires.'];
    const sealed: Result = { state: 'sealed', envelope: 'cobo-envelope-v1.abc' };
    expect(summaryOf(sealed, { ...GOOD, error, warnings })).toBe(
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
        '| Refresh token | **sealed**. The new refresh token is sealed in the recovery envelope. |',
        '| --- | --- |',
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

  it('keeps what is in a cell within the cell', () => {
    const facts: [string, string][] = [['Written', '`TOKEN` in `environment:a|b|c@octo/app`']];
    expect(summaryOf({ ...STORED, facts }, GOOD)).toContain(
      '\n| Written | `TOKEN` in `environment:a\\|b\\|c@octo/app` |\n',
    );
  });

  it.each([
    ['HTML', '<img src=x> & <b> & more', '&lt;img src=x> &amp; &lt;b> &amp; more'],
    ['links', 'see [a](https://evil.test) and [b](x)', 'see [a]\\(https://evil.test) and [b]\\(x)'],
    ['lines', 'one\r\n# two\n\nthree', 'one # two three'],
  ])('takes %s in an error or a warning for plain text', (_what, text, shown) => {
    const error = new ActionError('cobo-refused', text, text);
    const lines = summaryOf({ state: 'unspent' }, { ...GOOD, warnings: [text], error }).split('\n');
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

  it.each([
    [{}, {}, '✅ Cobo access token'],
    [{}, { warnings: ['x'] }, '⚠️ Cobo access token'],
    [{}, { isPost: true }, '✅ Cobo access token: finished after the job'],
    [{ dryRun: true }, {}, '✅ Cobo access token: dry run'],
    [{ dryRun: true }, { warnings: ['x'] }, '⚠️ Cobo access token: dry run'],
    [{ state: 'sealed' as const }, {}, '⚠️ Cobo access token'],
    [{ state: 'unknown' as const }, {}, '⚠️ Cobo access token'],
  ])('of %j with %j has a headline', (changes, circumstances, headline) => {
    const [first] = summaryOf({ ...STORED, ...changes }, { ...GOOD, ...circumstances }).split('\n');
    expect(first).toBe(`### ${headline}`);
  });

  it.each(Object.keys(MEANINGS).filter(isTokenState))('says what %s means', (state) => {
    const { sentence } = MEANINGS[state];
    expect(summaryOf({ state }, GOOD)).toContain(`| Refresh token | **${state}**. ${sentence} |`);
  });
});

describe('the error line', () => {
  const error = new ActionError('token-dead', 'It is dead.', 'Give `org-id`.');
  const WITHOUT =
    'It is dead. This run has not spent the refresh token. Give `org-id`. [token-state: unspent, error: token-dead]';
  const ACTION = { GITHUB_ACTION_REPOSITORY: 'octo/my.action', GITHUB_ACTION_REF: 'releases/v1' };

  it.each([
    [{}, 'see docs/errors.md'],
    [ACTION, 'https://github.com/octo/my.action/blob/releases/v1/docs/errors.md#token-dead'],
    [
      { ...ACTION, GITHUB_SERVER_URL: 'https://ghe.test' },
      'https://ghe.test/octo/my.action/blob/releases/v1/docs/errors.md#token-dead',
    ],
    [
      { ...ACTION, GITHUB_SERVER_URL: '' },
      'https://github.com/octo/my.action/blob/releases/v1/docs/errors.md#token-dead',
    ],
    [{ ...ACTION, GITHUB_ACTION_REF: '' }, 'see docs/errors.md'],
    [{ ...ACTION, GITHUB_ACTION_REF: 'a b' }, 'see docs/errors.md'],
    [{ ...ACTION, GITHUB_ACTION_REF: '#a' }, 'see docs/errors.md'],
    [{ ...ACTION, GITHUB_ACTION_REPOSITORY: '' }, 'see docs/errors.md'],
    [{ ...ACTION, GITHUB_ACTION_REPOSITORY: 'octo' }, 'see docs/errors.md'],
    [{ ...ACTION, GITHUB_ACTION_REPOSITORY: 'octo/a/b' }, 'see docs/errors.md'],
    [{ ...ACTION, GITHUB_ACTION_REPOSITORY: ' octo/a' }, 'see docs/errors.md'],
  ])('says everything in one line, and with %j where it is explained', (env, page) => {
    expect(errorLine(error, 'unspent', env)).toBe(`${WITHOUT} ${page}`);
  });
});
