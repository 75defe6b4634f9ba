import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.ts';

// The rules of docs/architecture.md, checked on the source. An import of types counts like any other.

interface Import {
  /** Path from the root, with forward slashes. */
  file: string;
  /** A path from the root where the import is relative, else the name as it stands there. */
  target: string;
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, statement, call]) => {
    const name = statement ?? call ?? '';
    return { file, target: name.startsWith('.') ? posix.join(posix.dirname(file), name) : name };
  });
}

function importsBelow(folder: string): Import[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

describe('the search for imports', () => {
  it.each([
    ["import { a } from './b.ts';", 'src/x/b.ts'],
    ["import type { A } from '../b.ts';", 'src/b.ts'],
    ["import {\n  a,\n  type B,\n} from '@actions/core';", '@actions/core'],
    ["import '../b.ts';", 'src/b.ts'],
    ["export { a } from './b.ts';", 'src/x/b.ts'],
    ["const { a } = await import('../b.ts');", 'src/b.ts'],
    ["let a: typeof import('../b.ts');", 'src/b.ts'],
  ])('sees %s', (text, target) => {
    expect(importsOf('src/x/a.ts', text)).toEqual([{ file: 'src/x/a.ts', target }]);
  });

  it('finds them in the source', () => {
    expect(importsBelow('src').length).toBeGreaterThan(50);
    expect(importsBelow('emulators').length).toBeGreaterThan(20);
  });
});

describe('the rules of the house', () => {
  const TOOLKIT = '@actions/|@octokit/';
  const OTHERS = 'src/(?!(?:cobo|github)/|(?:cancellation|clock|errors|http|retry|text)\\.ts$)';

  it.each([
    ['cobo/ knows neither GitHub nor the toolkit', 'src/cobo', `src/github/|${TOOLKIT}`],
    ['github/ knows neither Cobo nor the toolkit', 'src/github', `src/cobo/|${TOOLKIT}`],
    ['cobo/ knows only the tools that both need', 'src/cobo', OTHERS],
    ['github/ knows only the tools that both need', 'src/github', OTHERS],
    ['nobody imports the entry', 'src', 'src/main\\.ts$'],
    ['the action imports nothing from outside src/', 'src', '(?!src/|node:|@actions/|@noble/)'],
    ['the emulators share no code with the action', 'emulators', 'src/|@noble/'],
  ])('%s', (_rule, folder, forbidden) => {
    const pattern = new RegExp(`^(?:${forbidden})`);
    expect(importsBelow(folder).filter(({ target }) => pattern.test(target))).toEqual([]);
  });

  it.each([
    ['@actions/core', ['src/delivery.ts', 'src/inputs.ts', 'src/main.ts']],
    ['@actions/github', ['src/main.ts']],
    ['@noble/ed25519', ['src/cobo/signing.ts']],
    ['@noble/ciphers', ['src/github/sealed-box.ts']],
    ['@noble/hashes', ['src/github/sealed-box.ts']],
  ])('%s is known only to %j', (name, files) => {
    const importers = importsBelow('src').filter(({ target }) => `${target}/`.startsWith(`${name}/`));
    expect([...new Set(importers.map(({ file }) => file))].sort()).toEqual(files);
  });
});
