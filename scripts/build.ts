import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { flag, readOptions } from './options.ts';
import type { Chunk } from './stats.ts';
import { kilobytes, ROOT } from './tools.ts';

// Builds dist/, or checks it: what users run must be what reviewers read, and no larger than it has to be.

/** What a refresh without write-back may load, in bytes: it is read and compiled before the first request. */
const REFRESH_BUDGET = 250_000;

/** All of dist/, in bytes: every job downloads it. */
const TOTAL_BUDGET = 350_000;

const { check } = readOptions({
  command: 'npm run build --',
  about: 'Builds dist/ from src/ and the locked dependencies, and prints what is in it.',
  options: { check: flag('changes nothing; fails when dist/ is out of date, or too large') },
});
const fresh = await mkdtemp(join(tmpdir(), 'build-'));
try {
  const chunks = await bundle(fresh);
  const built = await contents(fresh);
  const problems = check ? differences(await contents(join(ROOT, 'dist')), built) : [];
  if (!check) {
    await rm(join(ROOT, 'dist'), { recursive: true, force: true });
    await cp(fresh, join(ROOT, 'dist'), { recursive: true });
    for (const [name, bytes] of built) {
      const chunk = chunks.find(({ file }) => file === name);
      console.log(
        [kilobytes(bytes.length).padStart(9), name.padEnd(13), chunk ? holds(chunk) : ''].join('  ').trimEnd(),
      );
    }
  }
  const size = (names: readonly string[]) => names.reduce((sum, name) => sum + (built.get(name)?.length ?? 0), 0);
  const total = size([...built.keys()]);
  const refresh = size(chunks.filter(isLoadedByRefresh).map(({ file }) => file));
  if (total > TOTAL_BUDGET) problems.push(tooLarge('dist/ has', total, TOTAL_BUDGET));
  if (refresh > REFRESH_BUDGET) problems.push(tooLarge('a refresh without write-back loads', refresh, REFRESH_BUDGET));
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exitCode = 1;
  } else {
    console.log(`${built.size} files, ${kilobytes(total)}; a refresh without write-back loads ${kilobytes(refresh)}`);
  }
} finally {
  await rm(fresh, { recursive: true, force: true });
}

function tooLarge(what: string, bytes: number, budget: number): string {
  return `${what} ${kilobytes(bytes)}, which is more than ${kilobytes(budget)} (see scripts/build.ts)`;
}

/** The files below a folder, sorted, by their paths in it. */
async function contents(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const files = new Map<string, Buffer>();
  for (const path of paths) files.set(path.replaceAll('\\', '/'), await readFile(join(folder, path)));
  return files;
}

function differences(committed: Map<string, Buffer>, built: Map<string, Buffer>): string[] {
  const problems: string[] = [];
  for (const name of [...new Set([...committed.keys(), ...built.keys()])].sort()) {
    const [old, now] = [committed.get(name), built.get(name)];
    if (old === undefined) problems.push(`missing  dist/${name}`);
    else if (now === undefined) problems.push(`extra    dist/${name}`);
    else if (!old.equals(now)) problems.push(`differs  dist/${name} (from ${firstDifference(old, now)})`);
  }
  if (problems.length > 0) problems.unshift('dist/ is not what src/ gives. Run "npm run build" and commit dist/.');
  return problems;
}

function firstDifference(committed: Buffer, built: Buffer): string {
  const a = committed.toString().split('\n');
  const b = built.toString().split('\n');
  const line = a.findIndex((text, index) => text !== b[index]);
  return `line ${(line < 0 ? a.length : line) + 1} on`;
}

/** Whether a refresh without write-back may load a script: something imports it that is not for write-back alone. */
function isLoadedByRefresh({ entry, importedBy }: Chunk): boolean {
  return (
    entry ||
    importedBy.some(
      ({ module, request }) => !/(^|\/)(github\/|finish\.)/.test(request) && !/\/src\/(github\/|finish\.)/.test(module),
    )
  );
}

/** The packages and the files of src/ that a script holds. */
function holds({ modules }: Chunk): string {
  const parts = modules.map((module) => {
    const name = module.split('node_modules/').at(-1) ?? module;
    const depth = name === module ? undefined : name.startsWith('@') ? 2 : 1;
    return name
      .replace(/^build\/src\//, '')
      .split('/')
      .slice(0, depth)
      .join('/');
  });
  return [...new Set(parts)].join(' ');
}
