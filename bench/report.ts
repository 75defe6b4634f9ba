import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import { ROOT } from './process.ts';

/** What was measured of one case. */
export interface Row {
  one: Case;
  ms: number[];
  peakKb: number[];
}

const START = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';
const MEMORY_LIMIT = 1.6;

/** Prints the table, and puts it into docs/performance.md. Gives 1 when a target was missed, else 0. */
export async function report(rows: readonly Row[], rounds: number): Promise<number> {
  const bare = rows.find(({ one }) => one.limit === undefined);
  if (bare === undefined) throw new Error('bare node was not measured');
  const bareMs = median(bare.ms);
  const bareKb = median(bare.peakKb);
  let missed = 0;
  const lines = rows.map(({ one, ms, peakKb }) => {
    const middle = median(ms);
    const limit = one.limit?.(bareMs);
    const memory = median(peakKb) / bareKb;
    const met = limit === undefined || (middle <= limit && memory <= MEMORY_LIMIT);
    if (!met) missed++;
    return [
      one.name,
      one.latencyMs === 0 ? '' : `${one.latencyMs} ms`,
      middle.toFixed(0),
      Math.min(...ms).toFixed(0),
      Math.max(...ms).toFixed(0),
      `${(middle / bareMs).toFixed(2)}`,
      limit === undefined ? '' : `${one.target} = ${limit.toFixed(0)}`,
      `${(median(peakKb) / 1024).toFixed(0)} MB, ${memory.toFixed(2)} ×`,
      limit === undefined ? '' : met ? 'met' : 'missed',
    ];
  });
  const table = [
    ['case', 'latency', 'median ms', 'min', 'max', '× bare', 'target ms', 'peak memory', ''],
    ['---', '---', '--:', '--:', '--:', '--:', '---', '---', '---'],
    ...lines,
  ].map((cells) => `| ${cells.join(' | ')} |`);
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${platform()} ${arch()}, ${rounds} rounds`;
  const text = [...table, '', `Machine: ${machine}. The target for memory is ${MEMORY_LIMIT} × bare.`].join(
    '\n',
  );
  console.log(text);
  const page = join(ROOT, 'docs/performance.md');
  const old = await readFile(page, 'utf8');
  const [before, rest] = [old.slice(0, old.indexOf(START)), old.slice(old.indexOf(END))];
  await writeFile(page, `${before}${START}\n\n${text}\n\n${rest}`);
  return missed === 0 ? 0 : 1;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
