import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { licences } from './licences.ts';
import { stagePackages } from './stage.ts';
import { type Chunk, readChunks } from './stats.ts';
import { BUILD, ROOT, runTool } from './tools.ts';

/**
 * Builds the action from src/ into `out`, replacing what is there: index.js, the scripts it loads on
 * demand, a package.json, and licenses.txt. The same sources give the same bytes, in whatever folder the
 * repository lies.
 *
 * The scripts are CommonJS, made from ES modules: Node starts them some milliseconds sooner, and loads the
 * parts in a fraction of the time.
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

  const files = new Map<string, string>();
  for (const name of await readdir(bundled)) {
    if (!chunks.some(({ file }) => file === name)) {
      throw new Error(`The bundler made ${name}, which is no script: some module reads a file beside itself`);
    }
    const script = await readFile(join(bundled, name), 'utf8');
    if (script.includes(ROOT)) throw new Error(`${name} contains the path of this checkout`);
    files.set(name, inAscii(withLazyBuiltins(script)));
  }
  // The package.json of the repository says "module".
  files.set('package.json', '{ "type": "commonjs" }\n');
  files.set('licenses.txt', await licences(chunks));

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const [name, content] of files) {
    await writeFile(join(out, name), content.replaceAll('\r\n', '\n'));
  }
  return chunks;
}

/**
 * Makes a script load each of Node's own modules when something in it is used for the first time, instead of
 * all of them at its start: a job pays for none that it does not need, and for none too early. Only the
 * bundler's own question, whether the module was an ES module once, loads nothing.
 */
function withLazyBuiltins(script: string): string {
  const lazy = script.replaceAll(/= require\("([\w:/]+)"\);$/gm, '= builtin(() => require("$1"));');
  if (/(?<!builtin\(\(\) => )require\("(?!\.\/)/.test(lazy)) {
    throw new Error('The bundler loads a module in a way that is not known here');
  }
  // Behind the script, where a function declaration counts as well: its first line may be "use strict".
  return lazy.includes('builtin(() =>') ? `${lazy}${BUILTIN}` : lazy;
}

const BUILTIN = `
function builtin(load) {
  let loaded;
  return new Proxy({}, {
    get: (_, name) => (name === "__esModule" ? undefined : (loaded ??= load())[name]),
  });
}
`;

/**
 * Escapes what is not ASCII. A single check mark in a text makes V8 keep the whole script with two bytes a
 * character, and read it more slowly.
 */
function inAscii(script: string): string {
  if (/\\[^\0-\x7f]|String\.raw/.test(script)) {
    throw new Error('A script has a text in which an escape would mean something else');
  }
  return script.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
