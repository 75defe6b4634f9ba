import type { AccessToken } from './cobo/answer.ts';
import { type ActionError, ERROR_TITLES, type TokenState } from './errors.ts';
import { MEANINGS } from './fate.ts';
import { utc } from './text.ts';

/** A row of the summary's table. */
export type Fact = [name: string, value: string];

/** How a step ended. */
export interface Result {
  state: TokenState;
  access?: AccessToken | undefined;
  /** The envelope that holds the successor, when it is not stored. */
  envelope?: string | null;
  facts?: Fact[];
  dryRun?: boolean;
}

/** What the summary tells. */
type Story = Result & { error: ActionError | undefined; warnings: readonly string[]; isPost: boolean };

/** The job summary, in GitHub's Markdown. Holds no secret; the envelope is ciphertext. */
export function summaryOf(story: Story): string {
  const { state, access, envelope, facts = [], error, warnings } = story;
  const lines = [`### ${headline(story)}`, ''];
  if (error !== undefined) lines.push(plain(error.message), '', `**What to do:** ${plain(error.remedy)}`, '');
  for (const warning of warnings) lines.push(`⚠️ ${plain(warning)}`, '');
  // The first row is the head of the table.
  lines.push(row(['Refresh token', `**${state}**. ${MEANINGS[state].sentence}`]), row(['---', '---']));
  if (access !== undefined) lines.push(row(['Access token', `valid until ${utc(access.expiresAt)}`]));
  lines.push(...facts.map(row), '');
  if (typeof envelope === 'string') {
    const title = 'The recovery envelope holds the new refresh token, encrypted for the holder of the private key:';
    lines.push(title, '', '```text', envelope, '```', '');
  }
  return lines.join('\n');
}

function headline({ state, dryRun, error, warnings, isPost }: Story): string {
  if (error !== undefined) return `❌ ${ERROR_TITLES[error.code]}`;
  const mark = MEANINGS[state].safe && warnings.length === 0 ? '✅' : '⚠️';
  if (dryRun) return `${mark} Cobo access token: dry run`;
  return `${mark} Cobo access token${isPost ? ': finished after the job' : ''}`;
}

/** The name of an environment may hold the border of a cell. */
function row([name, value]: Fact): string {
  return `| ${name} | ${value.replaceAll('|', '\\|')} |`;
}

/** Text that may have come from outside, so that it is not read as HTML or as a link. */
function plain(text: string): string {
  const line = text.replace(/[\r\n]+/g, ' ');
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('](', ']\\(');
}

/**
 * What the log says of a failure: what failed, what has become of the refresh token, what to do next, the code, and
 * its entry in the docs of the very version that runs, which `env` tells of all but a workflow's own actions.
 */
export function errorLine({ code, message, remedy }: ActionError, state: TokenState, env: NodeJS.ProcessEnv): string {
  const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '' } = env;
  const isSafe = /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(ref);
  const path = `${repository}/blob/${ref}/docs/errors.md#${code}`;
  const page = isSafe ? `${env.GITHUB_SERVER_URL || 'https://github.com'}/${path}` : 'see docs/errors.md';
  return `${message} ${MEANINGS[state].sentence} ${remedy} [token-state: ${state}, error: ${code}] ${page}`;
}
