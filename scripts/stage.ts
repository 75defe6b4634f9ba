import { cp, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { BUILD, ROOT, readManifest, runTool } from './tools.ts';

/**
 * Copies the runtime dependencies to build/node_modules, where the bundler finds them before the installed ones.
 * Their code is as published. Two things are different:
 *
 * - `"sideEffects": false`, which is true of all of them but not said by all: without it the toolkit brings an
 *   HTTP client of more than a megabyte that nothing here calls;
 * - no comments, as in the compiled src/: they are half of the cryptographic packages, and every job would
 *   download them. Licence notices at the top of a file stay.
 */
export async function stagePackages(): Promise<void> {
  for (const name of Object.keys(readManifest(ROOT).dependencies ?? {})) {
    const from = join(ROOT, 'node_modules', name);
    const manifest = readManifest(from);
    // The compiler takes everything it is given for a module.
    if (manifest.type !== 'module') throw new Error(`${name} is not an ES module: stage.ts cannot take it`);
    const staged = join(BUILD, 'node_modules', name);
    await cp(from, staged, { recursive: true, dereference: true });
    await writeFile(join(staged, 'package.json'), JSON.stringify({ ...manifest, sideEffects: false }));
    // The compiler reads from a path without node_modules in it: it does not emit what it finds there.
    await cp(from, join(BUILD, 'packages', name), {
      recursive: true,
      dereference: true,
      filter: (source) => !relative(from, source).split(sep).includes('node_modules'),
    });
  }
  const config = join(BUILD, 'tsconfig.packages.json');
  await writeFile(config, JSON.stringify(STRIP_COMMENTS));
  await runTool('typescript', 'tsc', ['-p', config]);
}

const STRIP_COMMENTS = {
  compilerOptions: {
    allowJs: true,
    noCheck: true,
    noResolve: true,
    types: [],
    module: 'ESNext',
    target: 'ESNext',
    newLine: 'lf',
    removeComments: true,
    rootDir: 'packages',
    outDir: 'node_modules',
  },
  include: ['packages/**/*.js'],
  exclude: [],
};
