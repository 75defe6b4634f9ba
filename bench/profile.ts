import type { Place } from './cases.ts';
import { inPlace } from './measure.ts';

/** Runs the action a few times in each case, and prints the log of the last run, with its debug lines. */
export async function profile(place: Place, delayMs: number, action: string | undefined): Promise<void> {
  await inPlace(place, delayMs, action, async (desk, all) => {
    for (const { name, by } of all) {
      const run = by.action;
      if (run === undefined) continue;
      await run();
      desk.debug = true;
      const { ms, log } = await run();
      desk.debug = false;
      console.log(`\n${name}, ${place}: ${Math.round(ms)} ms in all`);
      for (const line of log.split('\n')) {
        const isTold = line !== '' && (!line.startsWith('::') || line.startsWith('::debug::'));
        if (isTold) console.log(`  ${line.replace('::debug::', '')}`);
      }
    }
  });
}
