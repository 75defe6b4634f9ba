import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { chart } from './chart.ts';
import type { Row, Sheet } from './measure.ts';
import { docs, replaceInPage, table } from './page.ts';
import { median, ratio, type Verdict, verdictOn } from './statistics.ts';

/** Prints the tables. @returns 1 when a target was missed, else 0 */
export function print(sheets: readonly Sheet[], rounds: number): number {
  for (const sheet of sheets) console.log(`${textOf(sheet)}\n`);
  console.log(machine(rounds));
  const verdicts = sheets.flatMap((sheet) => sheet.rows.flatMap(verdictsOn));
  return verdicts.every(({ met }) => met) ? 0 : 1;
}

/** Puts the tables into docs/performance.md, and the chart beside it. */
export async function write(sheets: readonly Sheet[], rounds: number): Promise<void> {
  for (const sheet of sheets) await replaceInPage('performance.md', sheet.place, textOf(sheet));
  await replaceInPage('performance.md', 'machine', machine(rounds));
  const wire = sheets.find(({ place }) => place === 'wire');
  if (wire !== undefined) await writeFile(docs('performance.svg'), chart(wire));
}

function machine(rounds: number): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${processor}, ${cpus().length} cores, ${platform()} ${arch()}, ${rounds} rounds, ${new Date().toISOString().slice(0, 10)}.`;
}

function textOf(sheet: Sheet): string {
  const { rows } = sheet;
  const head = ['case', 'this action', 'range', 'floor', 'by hand', '× floor', '× bare', 'memory', 'targets'];
  const megabytes = (kb: readonly number[]) => `${(median(kb) / 1024).toFixed(0)} MB`;
  const bareMs = rows.flatMap(({ bare }) => bare.ms);
  const bareMemory = megabytes(rows.flatMap(({ bare }) => bare.peakKb));
  const bareRow = ['bare Node', ms(bareMs), range(bareMs), '', '', '', '1.00', bareMemory, ''];
  const lines = rows.map((row) => {
    const { bare, by } = row;
    const { action, floor, hand } = by;
    if (action === undefined || floor === undefined) throw new Error(`${row.one.name} was not measured`);
    return [
      row.one.name,
      `**${ms(action.ms)}**`,
      range(action.ms),
      ms(floor.ms),
      hand === undefined ? '' : ms(hand.ms),
      ratio(action.ms, floor.ms).toFixed(2),
      ratio(action.ms, bare.ms).toFixed(2),
      `${megabytes(action.peakKb)}, ${(median(action.peakKb) / median(bare.peakKb)).toFixed(2)} ×`,
      verdictsOn(row)
        .map(({ text, measured, met }) => `${text}: ${measured.toFixed(2)}, ${met ? 'met' : '**missed**'}`)
        .join('<br>'),
    ];
  });
  return table(head, [bareRow, ...lines], 7);
}

function verdictsOn(row: Row): Verdict[] {
  return row.one.targets.map((target) => verdictOn(target, row));
}

function ms(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms`;
}

function range(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
}
