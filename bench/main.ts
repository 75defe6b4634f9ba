/**
 * Measures whole processes through the committed bundle, in turn with bare Node, and writes the table in
 * docs/performance.md.
 *
 *     npm run bench                    the table
 *     npm run bench -- --rounds 30     more rounds than 15
 *     npm run bench -- --profile       where the time of one run goes
 */
import { parseArgs } from 'node:util';
import { cases, ENVIRONMENTS } from './cases.ts';
import { Emulation } from './emulation.ts';
import { Desk } from './process.ts';
import { profile } from './profile.ts';
import { type Row, report } from './report.ts';

const WARM_UP = 3;
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, profile: { type: 'boolean', default: false } },
});
const emulation = await Emulation.start({ environments: ENVIRONMENTS });
const desk = new Desk();
try {
  const all = cases(desk, emulation);
  if (values.profile) await profile(all, emulation);
  else {
    const rows: Row[] = all.map((one) => ({ one, ms: [], peakKb: [] }));
    const rounds = Number(values.rounds);
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const row of rows) {
        await emulation.tell({ latencyMs: row.one.latencyMs });
        const { ms } = await row.one.run();
        if (round >= 0) row.ms.push(ms);
        // Memory in runs of its own: asking for it costs time.
        if (round >= 0 && round < 5) row.peakKb.push((await row.one.run(true)).peakKb);
      }
      process.stderr.write('.');
    }
    process.stderr.write('\n');
    process.exitCode = await report(rows, rounds);
  }
} finally {
  desk.close();
  emulation.stop();
}
