import { expect, it } from 'vitest';
import { ActionError, type TokenState } from '../../src/errors.ts';
import { errorLine, summaryOf } from '../../src/summary.ts';

const GOOD = { state: 'stored' as TokenState, error: undefined, warnings: [], isPost: false };
const ACCESS = { accessToken: 'x', tokenType: 'Bearer', scope: '', expiresIn: 60, expiresAt: Date.UTC(2026, 2, 1) };

it('the summary of a run that goes well is a table, which begins with the refresh token', () => {
  const summary = summaryOf({ ...GOOD, access: ACCESS, envelope: null, facts: [['Cobo', 'a|b|c']] });
  expect(summary).toBe(`### ✅ Cobo access token

| Refresh token | **stored**. The new refresh token is in every store. |
| --- | --- |
| Access token | valid until 2026-03-01T00:00:00Z |
| Cobo | a\\|b\\|c |
`);
});

it('the summary of a failed run says what failed, what to do, and shows the envelope', () => {
  const error = new ActionError('store-failed', 'It failed.', 'Start again.');
  const warnings = ['The store is full.', 'The token expires.'];
  const summary = summaryOf({ ...GOOD, state: 'sealed', envelope: 'cobo-envelope-v1.abc', error, warnings });
  expect(summary).toBe(`### ❌ The new refresh token could not be stored

It failed.

**What to do:** Start again.

⚠️ The store is full.

⚠️ The token expires.

| Refresh token | **sealed**. The new refresh token is sealed in the recovery envelope. |
| --- | --- |

The recovery envelope holds the new refresh token, encrypted for the holder of the private key:

\`\`\`text
cobo-envelope-v1.abc
\`\`\`
`);
});

it.each([
  ['<img src=x> & <b> & more', '&lt;img src=x> &amp; &lt;b> &amp; more'],
  ['see [a](https://evil.test) and [b](x)', 'see [a]\\(https://evil.test) and [b]\\(x)'],
  ['one\r\n# two\n\nthree', 'one # two three'],
])('the summary shows %j in an error or a warning as plain text', (text, shown) => {
  const error = new ActionError('cobo-refused', text, text);
  const [, , message, , remedy, , warning] = summaryOf({ ...GOOD, warnings: [text], error }).split('\n');
  expect([message, remedy, warning]).toEqual([shown, `**What to do:** ${shown}`, `⚠️ ${shown}`]);
});

it.each([
  [{}, '✅ Cobo access token'],
  [{ warnings: ['x'] }, '⚠️ Cobo access token'],
  [{ isPost: true }, '✅ Cobo access token: finished after the job'],
  [{ dryRun: true }, '✅ Cobo access token: dry run'],
  [{ state: 'sealed' as const }, '⚠️ Cobo access token'],
])('the summary with %j has a headline', (changes, headline) => {
  const [first] = summaryOf({ ...GOOD, ...changes }).split('\n');
  expect(first).toBe(`### ${headline}`);
});

const REPOSITORY = 'GITHUB_ACTION_REPOSITORY';
const REF = 'GITHUB_ACTION_REF';
const PAGE = 'https://github.com/octo/my.action/blob/releases/v1/docs/errors.md#token-dead';

it.each([
  [{}, PAGE],
  [{ GITHUB_SERVER_URL: '' }, PAGE],
  [{ GITHUB_SERVER_URL: 'https://ghe.test' }, PAGE.replace('github.com', 'ghe.test')],
  [{ [REPOSITORY]: undefined, [REF]: undefined }, 'see docs/errors.md'],
  [{ [REF]: 'a b' }, 'see docs/errors.md'],
  [{ [REF]: '#a' }, 'see docs/errors.md'],
  [{ [REPOSITORY]: 'octo/a/b' }, 'see docs/errors.md'],
  [{ [REPOSITORY]: ' octo/a' }, 'see docs/errors.md'],
])('the error line says everything, and with %j where it is explained', (changes, page) => {
  const env = { [REPOSITORY]: 'octo/my.action', [REF]: 'releases/v1', ...changes };
  expect(errorLine(new ActionError('token-dead', 'It is dead.', 'Give `org-id`.'), 'unspent', env)).toBe(
    `It is dead. This run has not spent the refresh token. Give \`org-id\`. [token-state: unspent, error: token-dead] ${page}`,
  );
});
