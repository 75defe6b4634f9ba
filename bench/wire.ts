/**
 * A long wire in a process of its own: relays TCP connections, and delays every byte in each direction.
 *
 *     node --import tsx bench/wire.ts '{"delayMs":20,"ports":[41001,41002]}'
 *
 * Prints the ports that lead to `ports`, in the same order, as one line of JSON, and ends when its standard
 * input ends. A connection costs its first round trip too: what the client sends waits until the answer to its
 * SYN could have arrived.
 */
import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const { delayMs, ports } = JSON.parse(process.argv[2] ?? '{}') as { delayMs: number; ports: number[] };

const servers = await Promise.all(
  ports.map(async (port) => {
    const server = net.createServer((client) => {
      const far = net.connect({ host: '127.0.0.1', port });
      carry(client, far, performance.now() + 2 * delayMs);
      carry(far, client, 0);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }),
);
process.stdout.write(`${JSON.stringify(servers.map((server) => (server.address() as AddressInfo).port))}\n`);
process.stdin.resume().once('end', () => process.exit(0));

/** Carries bytes one way, in their order, each of them `delayMs` late; none leaves before `notBefore`. */
function carry(from: Socket, to: Socket, notBefore: number): void {
  from.setNoDelay(true);
  let last: Promise<void> = Promise.resolve();
  const later = (deliver: () => void): void => {
    const due = Math.max(performance.now(), notBefore) + delayMs;
    last = Promise.all([last, travel(due)]).then(() => {
      if (!to.destroyed) deliver();
    });
  };
  from.on('data', (chunk) => later(() => to.write(chunk)));
  from.once('end', () => later(() => to.end()));
  from.once('error', () => to.destroy());
  from.once('close', () => later(() => to.destroySoon()));
}

/** A timer alone is late by one millisecond or two. */
async function travel(due: number): Promise<void> {
  await sleep(Math.max(0, due - performance.now() - 1.5));
  while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
}
