import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { BUILD, ROOT, readManifest, runTool } from './tools.ts';

/**
 * Copies the runtime dependencies to build/node_modules, where the bundler finds them before the
 * installed ones, and makes the copies fit for a small bundle that can be read:
 *
 * - `"sideEffects": false`, true of all of them but not said by all: without it the toolkit drags in an
 *   HTTP client that nothing here calls, more than a megabyte of it;
 * - comments removed, which are half of the cryptographic packages; the licence notices at the top stay.
 *
 * node_modules itself is not touched.
 */
export async function stagePackages(): Promise<void> {
  const names = Object.keys(readManifest(ROOT).dependencies ?? {});
  for (const name of names) {
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
  await stripComments();
  await leaveOutTheSigningTable();
}

/**
 * Makes noble's Ed25519 multiply the base point as it multiplies any other. A table of 4,224 points pays off
 * over many signatures, but this action signs once or twice in a process: the table would be half of its
 * processor time, and a third of its memory. The library's own documentation names this switch ("Precomputes
 * can be disabled by commenting-out call of the wNAF() inside Point#multiply()"). Signatures are the same,
 * which the tests check on the bundle.
 * @throws Error when the line is not there, or not once
 */
async function leaveOutTheSigningTable(): Promise<void> {
  const file = join(BUILD, 'node_modules/@noble/ed25519/index.js');
  const parts = (await readFile(file, 'utf8')).split(TABLE_CALL);
  if (parts.length !== 2)
    throw new Error(`${TABLE_CALL} is in noble's code ${parts.length - 1} times, not once`);
  await writeFile(file, parts.join(''));
}

const TABLE_CALL = /if \(this\.equals\(G\)\)\s+return wNAF\(n\)\.p;\s+/;

async function stripComments(): Promise<void> {
  const config = join(BUILD, 'tsconfig.packages.json');
  await mkdir(BUILD, { recursive: true });
  await writeFile(
    config,
    JSON.stringify({
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
    }),
  );
  await runTool('typescript', 'tsc', ['-p', config]);
}
