import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { playInProcess, playShare } from './crew.ts';
import { loadAction, scratchFolder } from './in-process.ts';
import { SABOTAGES, type Sabotage } from './sabotages.ts';

/**
 * Runs after which a referee that has seen nothing is blind. The rarest of what it has to see, a kill within
 * the few writes before the outputs, comes about once in 1,500.
 */
const MOST_RUNS = 15_000;
const BATCH = 50;

/** What the referee made of one sabotaged copy. */
export interface Bite {
  sabotage: Sabotage;
  /** Runs until the first violation; undefined when there was none. */
  runs: number | undefined;
  /** The first violation. */
  violation: string | undefined;
}

/**
 * Proves that the referee bites: each copy of the source with one protection taken out has to bring
 * violations.
 * @returns whether all did
 */
export async function sabotageAll(root: string, seed: number): Promise<boolean> {
  let allBitten = true;
  for (const sabotage of SABOTAGES) {
    const { runs, violation } = await bite(root, sabotage, seed);
    const found =
      runs === undefined ? `NOT NOTICED in ${MOST_RUNS} runs` : `noticed within ${runs} runs: ${violation}`;
    console.log(`${sabotage.name.padEnd(24)} ${found}`);
    allBitten &&= runs !== undefined;
  }
  return allBitten;
}

/** Plays runs of a sabotaged copy until the referee complains. */
export async function bite(root: string, sabotage: Sabotage, seed: number): Promise<Bite> {
  const copy = await sabotagedCopy(root, sabotage);
  const { folder, remove } = scratchFolder();
  try {
    const play = playInProcess(await loadAction(copy), folder);
    for (let from = 0; from < MOST_RUNS; from += BATCH) {
      const share = { masterSeed: seed, from, to: from + BATCH, step: 1, concurrency: 4 };
      const { violations } = await playShare(share, play);
      const violation = violations[0]?.lines[0];
      if (violation !== undefined) return { sabotage, runs: from + BATCH, violation };
    }
    return { sabotage, runs: undefined, violation: undefined };
  } finally {
    remove();
    await rm(copy, { recursive: true, force: true });
  }
}

/** Within the project, so that the copy finds the same packages; git does not look there. */
async function sabotagedCopy(root: string, sabotage: Sabotage): Promise<string> {
  const copy = join(root, 'reports', 'sabotage', `${sabotage.name}-${process.pid}`);
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  await cp(join(root, 'src'), copy, { recursive: true });
  for (const { file, text, replacement } of sabotage.changes) {
    const path = join(copy, file);
    await writeFile(
      path,
      replacedOnce(await readFile(path, 'utf8'), text, replacement, `${sabotage.name}, ${file}`),
    );
  }
  return copy;
}

/** @throws Error when the text is not there exactly once: then the sabotage has to follow the source */
export function replacedOnce(source: string, text: string, replacement: string, where: string): string {
  const found = source.split(text).length - 1;
  if (found !== 1) throw new Error(`${where}: found ${found} times instead of once: ${text}`);
  return source.replace(text, () => replacement);
}
