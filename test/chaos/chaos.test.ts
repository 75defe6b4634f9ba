import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { playInProcesses, playShare, shareInProcess } from '../../chaos/crew.ts';
import { copyAction } from '../../chaos/process.ts';
import { bite, replacedOnce } from '../../chaos/sabotage.ts';
import { SABOTAGES } from '../../chaos/sabotages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Fixed, so that every run of the tests plays the same stories. */
const SEED = 20_260_801;

describe('random runs', () => {
  it('bring no violation within one process', async () => {
    const share = { masterSeed: SEED, from: 0, to: 150, step: 1, concurrency: 4 };
    const { violations, stories } = await shareInProcess(
      share,
      fileURLToPath(new URL('../../src', import.meta.url)),
    );
    expect(violations).toEqual([]);
    expect(stories).toBe(150);
  }, 120_000);

  it('bring no violation with the bundle', async () => {
    const { dir, remove } = await copyAction(ROOT);
    try {
      const share = { masterSeed: SEED, from: 0, to: 24, step: 1, concurrency: 8 };
      const { violations, stories, tooSlow } = await playShare(share, playInProcesses(dir));
      expect(violations).toEqual([]);
      // A machine that is busy with other things must not fail the tests, but most has to be judged.
      expect(tooSlow).toBeLessThan(stories / 4);
    } finally {
      await remove();
    }
  }, 120_000);
});

describe('the referee', () => {
  it.each(['skip-the-probe', 'let-signals-through'])(
    'notices the sabotage %s',
    async (name) => {
      const sabotage = SABOTAGES.find((one) => one.name === name);
      if (sabotage === undefined) throw new Error(`no sabotage is called ${name}`);
      expect((await bite(ROOT, sabotage, SEED)).runs).toBeDefined();
    },
    60_000,
  );

  it.each(SABOTAGES)('can still be put to the test by $name', ({ name, changes }) => {
    for (const { file, text, replacement } of changes) {
      const source = readFileSync(join(ROOT, 'src', file), 'utf8');
      expect(replacedOnce(source, text, replacement, name)).not.toBe(source);
    }
  });

  it('does not take a sabotage that changes nothing', () => {
    expect(() => replacedOnce('source', 'text', 'other', 'here')).toThrow('found 0 times');
  });
});
