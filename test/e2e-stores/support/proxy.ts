import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { node24 } from '../../../emulators/runner/node24.ts';
import type { Passage, ProxySetup } from './proxy-process.ts';

export interface RunningProxy {
  /** With the credentials in it, if there are any. */
  url: string;
  /** `host:port` of the proxy itself. */
  address: string;
  /** What has passed or tried to, once the proxy is closed. */
  close(): Promise<Passage[]>;
}

/** Starts the proxy of proxy-process.ts. */
export async function startProxy(setup: ProxySetup): Promise<RunningProxy> {
  const script = fileURLToPath(new URL('proxy-process.ts', import.meta.url));
  // Node 24 runs TypeScript as it is.
  const child = spawn(node24(), [script, JSON.stringify(setup)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const passages: Passage[] = [];
  const lines = createInterface({ input: child.stdout });
  const read = new Promise<void>((resolve) => {
    lines.once('close', resolve);
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the proxy ended at once (${code})`)));
    lines.once('line', (first) => {
      resolve(first);
      lines.on('line', (line) => passages.push(JSON.parse(line) as Passage));
    });
  });
  const address = `127.0.0.1:${port}`;
  const [user, password] = (setup.credentials ?? '').split(':').map(encodeURIComponent);
  return {
    url: setup.credentials === undefined ? `http://${address}` : `http://${user}:${password}@${address}`,
    address,
    async close() {
      child.stdin.end();
      await Promise.all([ended, read]);
      return passages;
    },
  };
}
