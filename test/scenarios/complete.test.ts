import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_TITLES } from '../../src/errors.ts';

const HERE = new URL('./', import.meta.url);
const ROOT = new URL('../../', HERE);

/** Error codes that no scenario can show, and why. */
const NOT_SHOWN: Record<string, string> = {
  internal: 'a defect of the action itself: nothing outside it leads there (the unit tests throw it)',
};

const files = readdirSync(HERE).sort();
const snapshots = files
  .filter((file) => file.endsWith('.txt'))
  .map((file) => readFileSync(new URL(file, HERE), 'utf8'));

test('every error code is shown by a scenario', () => {
  const shown = (code: string) => snapshots.some((text) => text.includes(`error: ${code}]`));
  const missing = Object.keys(ERROR_TITLES).filter((code) => !shown(code));
  expect(missing).toEqual(Object.keys(NOT_SHOWN));
});

test('every row of the table in docs/recovery.md has a scenario', () => {
  const page = readFileSync(new URL('docs/recovery.md', ROOT), 'utf8');
  const [, table = ''] = /\| the last error line.*\n\|.*\n((?:\|.*\n)+)/.exec(page) ?? [];
  const rows = table.split('\n').flatMap((line) => line.split(' | ')[0]?.replace(/^\| /, '') || []);
  expect(rows.length).toBeGreaterThan(5);
  const [, proof = ''] = page.split('\n## Proof\n');
  const missing = rows.filter((row) => !linksFor(row, proof).some(exists));
  expect(missing).toEqual([]);
});

test('every link from docs/recovery.md to a scenario leads to one', () => {
  const page = readFileSync(new URL('docs/recovery.md', ROOT), 'utf8');
  expect(scenariosIn(page).filter((name) => !exists(name))).toEqual([]);
});

test('every example is played by a scenario', () => {
  const examples = readdirSync(new URL('examples/', ROOT)).map((file) => file.replace(/\.yml$/, ''));
  const missing = examples.filter((name) => {
    const file = new URL(`example-${name}.test.ts`, HERE);
    return !existsSync(file) || !readFileSync(file, 'utf8').includes(`example('${name}'`);
  });
  expect(missing).toEqual([]);
});

test('every scenario has its text, and every text its scenario', () => {
  const names = (ending: string) =>
    files.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
  expect(names('.txt')).toEqual(names('.test.ts').filter((name) => name !== 'complete'));
});

/** The scenarios in the item of the list that names a code or state of the row. */
function linksFor(row: string, proof: string): string[] {
  const words = [...row.matchAll(/`([a-z-]+)`/g)].map(([, word = '']) => word);
  const items = proof.split('\n').filter((line) => words.some((word) => line.startsWith(`- \`${word}\``)));
  return items.flatMap(scenariosIn);
}

function scenariosIn(text: string): string[] {
  return [...text.matchAll(/test\/scenarios\/([a-z0-9-]+)\.test\.ts/g)].map(([, name = '']) => name);
}

function exists(name: string): boolean {
  return existsSync(new URL(`${name}.test.ts`, HERE)) && existsSync(new URL(`${name}.txt`, HERE));
}
