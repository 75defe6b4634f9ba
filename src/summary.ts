import type { AccessToken } from './cobo/grant.ts';
import { type ActionError, ERROR_TITLES, type TokenState } from './errors.ts';
import { MEANINGS } from './fate.ts';
import { utc } from './text.ts';

/** A row of the table. */
export type Fact = [name: string, value: string];

/** What the summary of a step is about. */
export interface Summary {
  state: TokenState;
  access?: AccessToken | undefined;
  envelope?: string | null;
  facts: Fact[];
  warnings: readonly string[];
  dryRun?: boolean;
  isPost: boolean;
}

/** The job summary, in GitHub's Markdown. Holds no secret; the envelope is ciphertext. */
export function summaryOf(summary: Summary, error: ActionError | undefined): string {
  const { state, access, envelope, warnings } = summary;
  const rows = [...summary.facts];
  if (access !== undefined) rows.push(['Access token', `valid until ${utc(access.expiresAt)}`]);
  rows.push(['Refresh token', `**${state}**. ${MEANINGS[state].sentence}`]);
  const lines = [`### ${headline(summary, error)}`, ''];
  if (error !== undefined) lines.push(plain(error.message), '', `**What to do:** ${plain(error.remedy)}`, '');
  for (const warning of warnings) lines.push(`⚠️ ${plain(warning)}`, '');
  const [first = ['', ''], ...others] = rows.map((row) => row.map(cell));
  lines.push(...[first, ['---', '---'], ...others].map(([name, value]) => `| ${name} | ${value} |`), '');
  if (typeof envelope === 'string') {
    lines.push(
      'The recovery envelope holds the new refresh token, encrypted for the holder of the private key:',
      '',
      '```text',
      envelope,
      '```',
      '',
    );
  }
  return lines.join('\n');
}

function headline({ state, warnings, dryRun, isPost }: Summary, error: ActionError | undefined): string {
  if (error !== undefined) return `❌ ${ERROR_TITLES[error.code]}`;
  const mark = MEANINGS[state].safe ? (warnings.length > 0 ? '⚠️' : '✅') : '⚠️';
  if (dryRun) return `${mark} Cobo access token: dry run`;
  return `${mark} Cobo access token${isPost ? ': finished after the job' : ''}`;
}

/** The name of an environment may hold the border of a cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Text that may have come from outside, so that it is not read as HTML or as a link. */
function plain(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('](', ']\\(');
}
