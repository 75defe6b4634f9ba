import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_GITHUB } from '../emulators/runner/environment.ts';
import { inputVariables, readMetadata } from '../emulators/runner/metadata.ts';
import { node24 } from '../emulators/runner/node24.ts';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
const NODE = node24();

export interface Measured {
  ms: number;
  /** Peak resident memory in kilobytes, when it was asked for. */
  peakKb: number;
  /** What the process wrote to its standard output. */
  log: string;
}

/** A folder with the files that the runner hands to a step; made once, for its making is not the action's. */
export class Desk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-'));
  readonly #metadata = readMetadata(ROOT);

  /** Runs the committed bundle with these inputs. @throws Error when it fails */
  async action(given: Record<string, string>, measurePeak = false): Promise<Measured> {
    const files = this.#freshFiles();
    const event = join(this.#folder, 'event.json');
    writeFileSync(event, '{}');
    utimesSync(event, new Date(), new Date());
    const debug = process.argv.includes('--profile');
    const env = {
      ...inputVariables(this.#metadata, given, DEFAULT_GITHUB),
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'octo/app',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_EVENT_PATH: event,
      ...files,
      ...(debug ? { RUNNER_DEBUG: '1' } : {}),
    };
    return await this.#run([join(ROOT, 'dist/index.js')], env, measurePeak);
  }

  /** Runs Node with nothing to do. */
  async bareNode(measurePeak = false): Promise<Measured> {
    return await this.#run(['-e', '0'], {}, measurePeak);
  }

  /** Runs a script of bench/floors/, which shows what Node itself needs for a part of the work. */
  async floor(name: string, env: Record<string, string>, measurePeak = false): Promise<Measured> {
    const script = join(ROOT, 'bench/floors', `${name}.cjs`);
    return await this.#run([script], { ...this.#freshFiles(), ...env }, measurePeak);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The variables of the files that the runner collects, all of them empty. */
  #freshFiles(): Record<string, string> {
    const files = { GITHUB_OUTPUT: 'output', GITHUB_ENV: 'env', GITHUB_STEP_SUMMARY: 'summary' };
    return Object.fromEntries(
      Object.entries(files).map(([variable, name]) => {
        const path = join(this.#folder, name);
        writeFileSync(path, '');
        return [variable, path];
      }),
    );
  }

  async #run(args: string[], env: Record<string, string>, measurePeak: boolean): Promise<Measured> {
    const peakFile = join(this.#folder, 'peak');
    const flags = measurePeak ? ['--require', join(ROOT, 'bench/peak.cjs')] : [];
    const started = performance.now();
    const child = spawn(NODE, [...flags, ...args], {
      env: { PATH: process.env.PATH ?? '', PEAK_FILE: peakFile, ...env },
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
    return { ms, peakKb: measurePeak ? Number(readFileSync(peakFile, 'utf8')) : 0, log };
  }
}
