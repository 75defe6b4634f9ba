import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProcessAnswer, ProcessCommand, ProcessOptions, ProcessReport } from '../emulators/process.ts';

/** How the measured processes reach the services. */
export interface Way {
  /** Added to each direction, handshakes included; 0 for the loopback as it is. */
  delayMs: number;
  /** PEM texts for HTTPS; without them the services speak HTTP. */
  tls?: { cert: string; key: string };
}

/** Cobo and GitHub in a process of their own, and the wire to them in another: neither disturbs what is measured. */
export class Services {
  readonly facts: ProcessAnswer;
  readonly #emulators: Helper;
  readonly #wire: Helper | undefined;

  private constructor(facts: ProcessAnswer, emulators: Helper, wire: Helper | undefined) {
    this.facts = facts;
    this.#emulators = emulators;
    this.#wire = wire;
  }

  static async start({ delayMs, tls }: Way, environments: string[]): Promise<Services> {
    const options: ProcessOptions = { environments, ...(tls === undefined ? {} : { tls }) };
    const emulators = new Helper('../emulators/process.ts', options);
    const facts = JSON.parse(await emulators.next()) as ProcessAnswer;
    if (delayMs === 0) return new Services(facts, emulators, undefined);
    const both = [facts.cobo, facts.github];
    const wire = new Helper('./wire.ts', {
      delayMs,
      ports: both.map(({ url }) => Number(new URL(url).port)),
    });
    const ports = JSON.parse(await wire.next()) as number[];
    for (const [index, service] of both.entries()) {
      const url = new URL(service.url);
      url.port = String(ports[index]);
      service.url = url.href.replace(/\/$/, '');
    }
    return new Services(facts, emulators, wire);
  }

  /** A refresh token of a new installation; the log of the requests begins anew. */
  async freshToken(): Promise<string> {
    const { refreshToken } = await this.#tell({ issue: true, reset: true });
    if (refreshToken === undefined) throw new Error('the emulators issued no refresh token');
    return refreshToken;
  }

  /** The log of the requests begins anew. */
  async forget(): Promise<void> {
    await this.#tell({ reset: true });
  }

  /** Method, path and status of each request that is in the log. */
  async requests(): Promise<string[]> {
    return (await this.#tell({})).lines;
  }

  async #tell(command: ProcessCommand): Promise<ProcessReport> {
    return JSON.parse(await this.#emulators.ask(JSON.stringify(command))) as ProcessReport;
  }

  stop(): void {
    this.#emulators.stop();
    this.#wire?.stop();
  }
}

/** A script in a process of its own that answers line by line. */
class Helper {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string, options: object) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', path, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    const line = await this.#lines.next();
    if (line.done) throw new Error('a helper process has ended');
    return line.value;
  }

  ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    return this.next();
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}
