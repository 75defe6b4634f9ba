/**
 * Makes the pictures of a job summary that the README shows, light and dark: one rotation of the demo's stage, its
 * summary with GitHub's stylesheet, and a screenshot by a Chromium that is installed.
 *
 *     tsx scripts/picture.ts [--chromium PATH]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { marked } from 'marked';
import { startStage } from '../emulators/stage.ts';
import { readOptions, text } from './options.ts';
import { ROOT } from './tools.ts';

const { chromium = 'chromium' } = readOptions({
  command: 'tsx scripts/picture.ts',
  about: 'Writes docs/summary-light.png and docs/summary-dark.png.',
  options: { chromium: text('the command that starts Chromium; default chromium', 'COMMAND') },
});
const SIZE = '900,290';
const stylesheets = createRequire(import.meta.url).resolve('github-markdown-css/package.json');
const folder = mkdtempSync(join(tmpdir(), 'picture-'));
const stage = await startStage({ stores: ['environment:cobo', 'dependabot'] });
try {
  const { exitCode, rawSummary } = await stage.run({
    'api-url': stage.cobo.url,
    'access-token-secret': 'COBO_ACCESS_TOKEN',
  });
  if (exitCode !== 0) throw new Error(`the run failed: ${rawSummary}`);
  // The stage is on this machine; a reader has Cobo's production.
  const html = await marked.parse(rawSummary.replace('custom URL', 'prod'));
  for (const scheme of ['light', 'dark']) {
    const css = readFileSync(join(stylesheets, '..', `github-markdown-${scheme}.css`), 'utf8');
    const page = join(folder, `${scheme}.html`);
    const background = scheme === 'dark' ? '#0d1117' : '#ffffff';
    writeFileSync(
      page,
      `<!doctype html><meta charset="utf-8"><style>${css} body { margin: 0; padding: 24px; background: ${background} }</style><article class="markdown-body">${html}</article>`,
    );
    await shoot(page, join(ROOT, 'docs', `summary-${scheme}.png`));
  }
} finally {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
}

async function shoot(page: string, picture: string): Promise<void> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--window-size=${SIZE}`];
  const child = spawn(chromium, [...flags, `--screenshot=${picture}`, pathToFileURL(page).href], {
    stdio: 'ignore',
  });
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`${chromium} failed (${status})`);
}
