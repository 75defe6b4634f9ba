import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { licences } from './licences.ts';
import { stagePackages } from './stage.ts';
import { type Chunk, readChunks } from './stats.ts';
import { BUILD, ROOT, runTool } from './tools.ts';

export interface BundleOptions {
  /** Minifies index.js (ncc leaves the other scripts as they are). */
  minify?: boolean;
}

/**
 * Builds the action from src/ into `out`, replacing what is there: index.js, the scripts it loads on
 * demand, the package.json that makes them ES modules, and licenses.txt. The same sources give the same
 * bytes, in whatever folder the repository lies.
 * @returns what is in each script
 */
export async function bundle(out: string, { minify = false }: BundleOptions = {}): Promise<Chunk[]> {
  // Always the same place: the names of the scripts are derived from paths within the repository.
  await rm(BUILD, { recursive: true, force: true });
  await runTool('typescript', 'tsc', ['-p', join(ROOT, 'tsconfig.build.json')]);
  await stagePackages();
  const bundled = join(BUILD, 'bundle');
  const stats = join(BUILD, 'stats.json');
  const main = join(BUILD, 'src', 'main.js');
  const options = ['--no-cache', '--quiet', '--target', 'es2022', ...(minify ? ['--minify'] : [])];
  await runTool('@vercel/ncc', 'ncc', ['build', main, '-o', bundled, '--stats-out', stats, ...options]);
  const chunks = await readChunks(stats);

  const files = new Map<string, string>();
  for (const name of await readdir(bundled)) {
    if (name !== 'package.json' && !chunks.some(({ file }) => file === name)) {
      throw new Error(`The bundler made ${name}, which is no script: some module reads a file beside itself`);
    }
    files.set(name, await readFile(join(bundled, name), 'utf8'));
  }
  files.set('licenses.txt', await licences(chunks));

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const [name, content] of files) {
    if (content.includes(ROOT)) throw new Error(`${name} contains the path of this checkout`);
    await writeFile(join(out, name), content.replaceAll('\r\n', '\n'));
  }
  return chunks;
}
