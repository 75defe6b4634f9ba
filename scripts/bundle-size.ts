import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import type { Chunk } from './stats.ts';
import { kilobytes } from './tools.ts';

// Fails when the bundle outgrows its budget. Bytes are what a job pays for: they are downloaded with the
// action and parsed before the first request.

/** What a refresh without write-back may load, in bytes. */
const REFRESH_BUDGET = 120_000;

/** All of dist/, in bytes. */
const TOTAL_BUDGET = 900_000;

/**
 * Whether a script is loaded for write-back alone: every import of it either names a module of
 * src/github/ or stands in one. Any other script counts as loaded.
 */
function isWriteBackOnly({ entry, importedBy }: Chunk): boolean {
  return (
    !entry &&
    importedBy.length > 0 &&
    importedBy.every(
      ({ module, request }) => /(^|\/)github\//.test(request) || module.includes('/src/github/'),
    )
  );
}

const folder = await mkdtemp(join(tmpdir(), 'bundle-size-'));
try {
  const chunks = await bundle(folder);
  let total = 0;
  let refresh = 0;
  const rows: string[][] = [['file', 'bytes', 'loaded', 'holds']];
  for (const name of (await readdir(folder)).sort()) {
    const bytes = (await stat(join(folder, name))).size;
    const chunk = chunks.find(({ file }) => file === name);
    const writeBack = chunk !== undefined && isWriteBackOnly(chunk);
    total += bytes;
    if (chunk && !writeBack) refresh += bytes;
    const loaded = chunk === undefined ? 'never' : writeBack ? 'for write-back' : 'always';
    rows.push([name, String(bytes), loaded, chunk ? holds(chunk) : '']);
  }
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  '),
    );
  }
  for (const [what, bytes, budget] of [
    ['a refresh without write-back loads', refresh, REFRESH_BUDGET],
    ['all of dist/', total, TOTAL_BUDGET],
  ] as const) {
    const over = bytes > budget;
    console.log(`${over ? 'OVER' : 'ok  '}  ${what}: ${kilobytes(bytes)} of ${kilobytes(budget)}`);
    if (over) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The packages and folders of src/ that a script holds, in short. */
function holds({ modules }: Chunk): string {
  const parts = modules.map((module) => {
    const name = module.split('node_modules/').at(-1) ?? module;
    if (name !== module)
      return name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
    const [first = '', ...rest] = name.replace(/^build\/src\//, '').split('/');
    return rest.length > 0 ? `src/${first}/` : 'src/';
  });
  return [...new Set(parts)].join(' ');
}
