import type { Result } from './delivery.ts';
import { type ActionError, ERROR_TITLES } from './errors.ts';
import { utc } from './text.ts';

/** The job summary, in GitHub's Markdown. Holds no secret; the envelope is ciphertext. */
export function summaryOf(result: Result, error: ActionError | undefined, stateSentence: string): string {
  const rows: [string, string][] = [...(result.facts ?? [])];
  if (result.access !== undefined) rows.push(['Access token', `valid until ${utc(result.access.expiresAt)}`]);
  rows.push(['Refresh token', `**${result.state}**. ${stateSentence}`]);
  const lines = [`### ${error ? `❌ ${ERROR_TITLES[error.code]}` : 'Cobo access token'}`, ''];
  if (error) lines.push(plain(error.message), '', `**What to do:** ${plain(error.remedy)}`, '');
  // The name of an environment may have the border of a cell in it.
  const table = rows.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`);
  lines.push('| | |', '| --- | --- |', ...table, '');
  if (result.envelope !== undefined) {
    lines.push(
      'The recovery envelope holds the rotated refresh token, encrypted for the holder of the private key. Start a run with it as the input `recovery-envelope`:',
      '',
      '```text',
      result.envelope,
      '```',
      '',
    );
  }
  return lines.join('\n');
}

/** Text that may have come from outside, kept from being read as HTML or as a link. */
function plain(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('](', ']\\(');
}
