/** Plays one share of the in-process runs and sends the tally to the parent process. */
import { shareInProcess, type WorkerOrder } from './crew.ts';

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const tally = await shareInProcess(order.share, order.sourceDir);
process.send?.(tally, () => process.disconnect());
