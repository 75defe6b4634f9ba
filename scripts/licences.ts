import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chunk } from './stats.ts';
import { ROOT, readManifest } from './tools.ts';

const FOLDER = 'node_modules/';

/**
 * The licences of every package of which something is in the bundle. ncc's own list misses packages whose
 * modules it has joined with others.
 * @returns text for licenses.txt
 * @throws Error for a package without a licence file
 */
export async function licences(chunks: readonly Chunk[]): Promise<string> {
  const folders = new Set(chunks.flatMap(({ modules }) => modules.flatMap((name) => packageFolder(name) ?? [])));
  const entries = new Map<string, string>();
  for (const folder of folders) {
    const path = join(ROOT, folder);
    const { name, version, license } = readManifest(path);
    const file = (await readdir(path)).sort().find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    const text = (await readFile(join(path, file), 'utf8')).trim();
    entries.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${text}\n`);
  }
  return [...entries.keys()]
    .sort()
    .map((key) => entries.get(key))
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of the package that a module belongs to, relative to the root. */
function packageFolder(module: string): string | undefined {
  const at = module.lastIndexOf(FOLDER);
  if (at < 0) return undefined;
  const [scopeOrName = '', name = ''] = module.slice(at + FOLDER.length).split('/');
  return module.slice(0, at) + FOLDER + (scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName);
}
