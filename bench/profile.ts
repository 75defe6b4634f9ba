import type { Case } from './cases.ts';
import type { Emulation } from './emulation.ts';

/** Runs each case a few times, and prints the debug lines about time of the last run. */
export async function profile(all: readonly Case[], emulation: Emulation): Promise<void> {
  for (const one of all) {
    if (one.limit === undefined) continue;
    await emulation.tell({ latencyMs: one.latencyMs });
    await one.run();
    await one.run();
    const { ms, log } = await one.run();
    console.log(
      `\n${one.name}${one.latencyMs ? `, ${one.latencyMs} ms latency` : ''}: ${Math.round(ms)} ms in all`,
    );
    for (const line of log.split('\n')) {
      if (line.startsWith('::debug::time ')) console.log(`  ${line.slice('::debug::time '.length)}`);
    }
  }
}
