import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { licences } from './licences.ts';
import { stagePackages } from './stage.ts';
import { type Chunk, readChunks } from './stats.ts';
import { BUILD, ROOT, runTool } from './tools.ts';

/**
 * The post step's script. Its name tells the action which step it is, even when the main step was killed before
 * it could write anything.
 */
const POST_SCRIPT =
  "// The post step: the same action, which looks at the name of this file.\nrequire('./index.js');\n";

/**
 * Builds the action from src/ into `out`, replacing what is there: the bundler's scripts as it makes them,
 * post.js, a package.json, and licenses.txt. The same sources give the same bytes, in whatever folder the
 * repository lies.
 *
 * The scripts are CommonJS, made from ES modules: Node starts them some milliseconds sooner.
 * @returns what is in each script
 */
export async function bundle(out: string): Promise<Chunk[]> {
  // Always the same place: the names of the scripts are derived from paths within the repository.
  await rm(BUILD, { recursive: true, force: true });
  await runTool('typescript', 'tsc', ['-p', join(ROOT, 'tsconfig.build.json')]);
  await stagePackages();
  // The bundler makes what the nearest package.json says, and this one does not say "module".
  await writeFile(join(BUILD, 'package.json'), '{}\n');
  const bundled = join(BUILD, 'bundle');
  const stats = join(BUILD, 'stats.json');
  const main = join(BUILD, 'src', 'main.js');
  const options = ['--no-cache', '--quiet', '--target', 'es2022'];
  await runTool('@vercel/ncc', 'ncc', ['build', main, '-o', bundled, '--stats-out', stats, ...options]);
  const chunks = await readChunks(stats);
  for (const name of await readdir(bundled)) {
    if (!chunks.some(({ file }) => file === name)) {
      throw new Error(`The bundler made ${name}, which is no script: some module reads a file beside itself`);
    }
    const script = await readFile(join(bundled, name), 'utf8');
    if (script.includes(ROOT)) throw new Error(`${name} contains the path of this checkout`);
  }
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await cp(bundled, out, { recursive: true });
  await writeFile(join(out, 'post.js'), POST_SCRIPT);
  // The package.json of the repository says "module".
  await writeFile(join(out, 'package.json'), '{ "type": "commonjs" }\n');
  await writeFile(join(out, 'licenses.txt'), await licences(chunks));
  return chunks;
}
