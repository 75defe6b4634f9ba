import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_GITHUB } from '../emulators/runner/environment.ts';
import { inputVariables, readMetadata } from '../emulators/runner/metadata.ts';
import { node24 } from '../emulators/runner/node24.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const NODE = node24();
const CONTENDERS = join(ROOT, 'bench/contenders');

export interface Measured {
  /** From the start of the process to its end. */
  ms: number;
  /** Peak resident memory in kilobytes, when it was asked for. */
  peakKb: number;
  /** What the process wrote to its standard output. */
  log: string;
}

/** A folder with the files that the runner hands to a step; made once, for its making is not the action's. */
export class Desk {
  /** Whether the next processes tell their peak memory: asking costs time. */
  measuresPeak = false;
  /** Whether the action writes its debug lines. */
  debug = false;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-'));
  readonly #action: string;
  readonly #env: Record<string, string> = {};

  /**
   * @param action the folder of the action that is measured; default: this one
   * @param authority PEM text of a certificate that the processes trust
   */
  constructor(action: string | undefined, authority: string | undefined) {
    this.#action = action ?? ROOT;
    if (authority !== undefined) this.#env['NODE_EXTRA_CA_CERTS'] = this.file('authority.pem', authority);
  }

  /** Writes a file for the processes. @returns its path */
  file(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs the committed bundle with these inputs. @throws Error when it fails */
  async action(given: Record<string, string>): Promise<Measured> {
    const event = this.file('event.json', '{}');
    // The action takes the older of both times for the start of the job.
    for (const path of [event, this.#folder]) utimesSync(path, new Date(), new Date());
    return await this.#run([join(this.#action, 'dist/index.js')], {
      ...inputVariables(readMetadata(this.#action), given, DEFAULT_GITHUB),
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'octo/app',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_EVENT_PATH: event,
      ...(this.debug ? { RUNNER_DEBUG: '1' } : {}),
    });
  }

  /** Runs Node with nothing to do. */
  async bareNode(): Promise<Measured> {
    return await this.#run(['-e', '0'], {});
  }

  /** Runs a script of bench/contenders/. */
  async contender(name: string, env: Record<string, string>): Promise<Measured> {
    return await this.#run([join(CONTENDERS, name)], env);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The variables of the files that the runner collects, all of them empty. */
  #freshFiles(): Record<string, string> {
    const names = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];
    return Object.fromEntries(names.map((name) => [name, this.file(name, '')]));
  }

  async #run(args: string[], env: Record<string, string>): Promise<Measured> {
    const peakFile = this.file('peak', '');
    const flags = this.measuresPeak ? ['--require', join(CONTENDERS, 'peak.cjs')] : [];
    const fixed = { PATH: process.env.PATH ?? '', PEAK_FILE: peakFile, ...this.#env, ...this.#freshFiles() };
    const started = performance.now();
    const child = spawn(NODE, [...flags, ...args], {
      env: { ...fixed, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
    });
    let ms = 0;
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        ms = performance.now() - started;
      });
      child.once('close', resolve);
    });
    if (status !== 0) throw new Error(`a measured process failed (${status}):\n${log}`);
    return { ms, peakKb: this.measuresPeak ? Number(readFileSync(peakFile, 'utf8')) : 0, log };
  }
}
