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

function importsBelow(folder: string): Import[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, statement, call]) => {
    const name = statement ?? call ?? '';
    return { file, target: name.startsWith('.') ? posix.join(posix.dirname(file), name) : name };
  });
}

/** The imports from a folder to any of the targets, as text. */
function crossings(folder: string, ...targets: RegExp[]): string[] {
  return importsBelow(folder)
    .filter(({ target }) => targets.some((pattern) => pattern.test(target)))
    .map(({ file, target }) => `${file} imports ${target}`);
}

/** The files below src/ that import a package. */
function importersOf(name: string): string[] {
  const files = importsBelow('src')
    .filter(({ target }) => target === name || target.startsWith(`${name}/`))
    .map(({ file }) => file);
  return [...new Set(files)].sort();
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
  it('cobo/ knows neither GitHub nor the toolkit', () => {
    expect(crossings('src/cobo', /^src\/github\//, /^@actions\//, /^@octokit\//)).toEqual([]);
  });

  it('github/ knows neither Cobo nor the toolkit', () => {
    expect(crossings('src/github', /^src\/cobo\//, /^@actions\//, /^@octokit\//)).toEqual([]);
  });

  it('cobo/ and github/ know only the tools that both need', () => {
    const others = /^src\/(?!(?:cobo|github)\/|(?:cancellation|clock|errors|http|retry|text)\.ts$)/;
    expect([...crossings('src/cobo', others), ...crossings('src/github', others)]).toEqual([]);
  });

  it('only the entry, the inputs and the delivery know @actions/core', () => {
    expect(importersOf('@actions/core')).toEqual(['src/delivery.ts', 'src/inputs.ts', 'src/main.ts']);
  });

  it('only the entry knows @actions/github', () => {
    expect(importersOf('@actions/github')).toEqual(['src/main.ts']);
  });

  it('each cryptographic package is used in one place', () => {
    expect(importersOf('@noble/ed25519')).toEqual(['src/cobo/signing.ts']);
    expect(importersOf('@noble/ciphers')).toEqual(['src/github/sealed-box.ts']);
    expect(importersOf('@noble/hashes')).toEqual(['src/github/sealed-box.ts']);
  });

  it('nobody imports the entry', () => {
    expect(crossings('src', /^src\/main\.ts$/)).toEqual([]);
  });

  it('the emulators share no code with the action', () => {
    expect(crossings('emulators', /^src\//, /^@noble\//)).toEqual([]);
  });

  it('the action imports nothing from outside src/', () => {
    const outside = /^(?!src\/|node:|@actions\/|@noble\/)/;
    expect(crossings('src', outside)).toEqual([]);
  });
});
