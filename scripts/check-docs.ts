import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { ERROR_TITLES } from '../src/errors.ts';
import { type Checks, runChecks } from './checks.ts';
import { metadata } from './metadata.ts';
import { readme } from './readme.ts';
import { ROOT } from './tools.ts';

// Fails when the documentation says something that the repository does not: a file, a heading, a command or
// an error code that is not there, or a table that is out of date.

const CHECKS: Checks = {
  'the tables of the README are current': () => {
    const { committed, wanted } = readme();
    return committed === wanted ? [] : ['README.md: run "npm run docs"'];
  },
  'docs/errors.md has each error code, with its title, and no other': errorCodes,
  'docs/architecture.md names every file of src/': () => {
    const text = read('docs/architecture.md');
    const missing = walk('src').filter((file) => !text.includes(posix.basename(file)));
    return missing.map((file) => `docs/architecture.md: ${file} is not named`);
  },
  'every example is linked in the README': () => {
    const text = read('README.md');
    const missing = walk('examples').filter((file) => !text.includes(`(${file})`));
    return missing.map((file) => `README.md: no link to ${file}`);
  },
  'relative links lead somewhere': () => pages().flatMap(brokenLinks),
  'files that are named exist': () => pages().flatMap(missingFiles),
  'commands that are named exist': () => pages().flatMap(missingCommands),
  'workflows to paste use inputs and outputs that exist': () => pages().flatMap(wrongWorkflows),
};

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');
}

/** The files below a folder, as paths from the root with forward slashes. */
function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}

/** Every page of documentation. */
function pages(): string[] {
  const own = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const below = ['docs', 'examples', '.github'].flatMap(walk).filter((name) => name.endsWith('.md'));
  return [...own, ...below];
}

/** A page without its blocks of code, in which nothing is a link or a heading. */
function prose(page: string): string {
  return read(page).replace(/^( *)(`{3,}|~{3,})[\s\S]*?^ *\2`*$/gm, '');
}

function errorCodes(): string[] {
  const page = 'docs/errors.md';
  const sections = prose(page).split(/^## /m).slice(1);
  const told = new Map(sections.map((section) => [/^`([a-z-]+)`$/m.exec(section.split('\n')[0] ?? '')?.[1], section]));
  told.delete(undefined);
  const known: [string, string][] = Object.entries(ERROR_TITLES);
  return [
    ...known.filter(([code]) => !told.has(code)).map(([code]) => `${page}: no section for ${code}`),
    ...known
      .filter(([code, title]) => told.has(code) && !told.get(code)?.includes(`**${title}**`))
      .map(([code, title]) => `${page}: the section for ${code} does not say **${title}**`),
    ...[...told.keys()]
      .filter((code) => code !== undefined && !Object.hasOwn(ERROR_TITLES, code))
      .map((code) => `${page}: the source has no error code ${code}`),
  ];
}

function brokenLinks(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links
    .filter((target) => !/^[a-z]+:/i.test(target) && !leadsSomewhere(page, target))
    .map((target) => `${page}: ${target} leads nowhere`);
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : posix.join(dirname(page).replaceAll(sep, '/'), decodeURI(path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || !file.endsWith('.md') || anchors(file).has(anchor);
}

/** What a link to a page can end in: its headings as GitHub names them, and explicit anchors. */
function anchors(page: string): Set<string> {
  const text = prose(page);
  const headings = [...text.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => slug(heading));
  const explicit = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  return new Set([...headings, ...explicit]);
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['build', 'coverage', 'node_modules', '.git'].includes(entry.name))
  .map(({ name }) => name);

/** Code in a line that begins with a folder of this repository and goes on like a path. */
function missingFiles(page: string): string[] {
  const spans = [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return spans
    .filter((span) => FOLDERS.includes(span.split('/')[0] ?? '') && /^[\w.-]+\/[\w./{},-]*$/.test(span))
    .flatMap(alternatives)
    .filter((path) => !existsSync(join(ROOT, path)))
    .map((path) => `${page}: there is no ${path}`);
}

/** `a/{b,c}.ts` as `a/b.ts` and `a/c.ts`. */
function alternatives(path: string): string[] {
  const [, before = '', choice = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return choice === '' ? [path] : choice.split(',').map((part) => before + part + after);
}

function missingCommands(page: string): string[] {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read(page).matchAll(/npm run ([a-z0-9]+(?:[:-][a-z0-9]+)*)/g)].map(([, name = '']) => name);
  return [...new Set(named)]
    .filter((name) => !Object.hasOwn(scripts, name))
    .map((name) => `${page}: package.json has no script "${name}"`);
}

/** Blocks of YAML that use this action. */
function wrongWorkflows(page: string): string[] {
  const { inputs, outputs } = metadata();
  const blocks = [...read(page).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks
    .filter((block) => block.includes('org/cobo-refresh-action@'))
    .flatMap((block) => [
      ...inputsUsed(parse(block)).filter((name) => !Object.hasOwn(inputs, name)),
      ...[...block.matchAll(/steps\.cobo\.outputs\.([\w-]+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => !Object.hasOwn(outputs, name)),
    ])
    .map((name) => `${page}: action.yml has no "${name}"`);
}

/** The names below `with:` in every step that uses this action. */
function inputsUsed(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { uses, with: given } = node as { uses?: unknown; with?: object };
  const own = String(uses).startsWith('org/cobo-refresh-action@') ? Object.keys(given ?? {}) : [];
  return [...own, ...Object.values(node).flatMap(inputsUsed)];
}

runChecks(`${pages().length} pages`, CHECKS);
