import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  cleanEnvironment,
  DEFAULT_GITHUB,
  type GitHubContext,
  runnerVariables,
  type StepFolder,
  stepFolder,
} from './environment.ts';
import { parseEnvFile, parseKeyValueFile } from './files.ts';
import { Lines } from './lines.ts';
import { type LogOptions, StepLog } from './log.ts';
import { inputVariables, readMetadata } from './metadata.ts';
import { node24 } from './node24.ts';
import type { StepResult } from './result.ts';

export type { GitHubContext } from './environment.ts';
export type { Annotation } from './log.ts';
export type { StepResult } from './result.ts';

/** The runner uploads no summary larger than this, in bytes. */
const SUMMARY_LIMIT = 1024 * 1024;

/** How a step is run. */
export interface StepOptions extends LogOptions {
  /** The step's `with:`. */
  with: Readonly<Record<string, string>>;
  /** The folder that holds action.yml; the root of this repository by default. */
  actionDir?: string | undefined;
  /** Added to the clean environment; an undefined value removes a variable. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The Node to run; `node24()` by default. */
  node?: string | undefined;
  /** Flags for Node itself, before the script. */
  nodeOptions?: readonly string[] | undefined;
  github?: Partial<GitHubContext> | undefined;
  /** The modification time of the event file, which tells when the job started; now by default. */
  eventPathMtime?: Date | undefined;
  /** The payload of the event. */
  event?: unknown;
  /** Called with the process as soon as it is there. */
  onSpawn?: ((child: ChildProcess) => void) | undefined;
  /** Sends the process signals; the step waits for what this returns, and fails as it fails. */
  signals?: ((child: ChildProcess) => unknown) | undefined;
  /** Kills the process and rejects after this long; 60 000 by default. */
  timeoutMs?: number | undefined;
}

/**
 * Runs one step as the runner does: the action's script under Node 24, inputs and files as variables of
 * a clean environment, stdin closed, both outputs read as one log with its workflow commands obeyed.
 * @throws Error for an undeclared input, a timeout, or a file for the runner in the wrong format
 */
export async function runStep(options: StepOptions): Promise<StepResult> {
  const actionDir = resolve(options.actionDir ?? fileURLToPath(new URL('../../', import.meta.url)));
  const metadata = readMetadata(actionDir);
  const github = { ...DEFAULT_GITHUB, ...options.github };
  const inputs = inputVariables(metadata, options.with, github);
  const folder = stepFolder(await mkdtemp(join(tmpdir(), 'runner-step-')));
  try {
    await fill(folder, options);
    const log = new StepLog(options);
    const environment = {
      ...cleanEnvironment(folder),
      ...runnerVariables(github, folder, options.debug ?? false),
      ...inputs,
      ...options.env,
    };
    const started = performance.now();
    const exit = await run(join(actionDir, metadata.main), environment, folder, options, log);
    const durationMs = performance.now() - started;
    return { ...exit, ...(await collect(folder, log)), durationMs };
  } finally {
    await rm(folder.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function fill(folder: StepFolder, options: StepOptions): Promise<void> {
  for (const path of [folder.home, folder.temp, folder.workspace, dirname(folder.output)]) {
    await mkdir(path, { recursive: true });
  }
  for (const file of [folder.output, folder.env, folder.state, folder.path, folder.summary]) {
    await writeFile(file, '');
  }
  await writeFile(folder.event, JSON.stringify(options.event ?? {}));
  const mtime = options.eventPathMtime;
  if (mtime) await utimes(folder.event, mtime, mtime);
}

async function run(
  script: string,
  env: Record<string, string | undefined>,
  folder: StepFolder,
  options: StepOptions,
  log: StepLog,
): Promise<Pick<StepResult, 'exitCode' | 'signal'>> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const child = spawn(options.node ?? node24(), [...(options.nodeOptions ?? []), script], {
    cwd: folder.workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
    // A grandchild may hold the pipes open: without this `close` would wait for it.
    child.stdout.destroy();
    child.stderr.destroy();
  }, timeoutMs);
  const closed = new Promise<Pick<StepResult, 'exitCode' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new Lines((line) => log.write(line));
    stream.on('data', (chunk: Buffer) => lines.push(chunk));
    stream.on('end', () => lines.end());
  }
  try {
    const callbacks = async () => {
      options.onSpawn?.(child);
      await options.signals?.(child);
    };
    const [exit] = await Promise.all([closed, callbacks()]);
    if (timedOut) {
      throw new Error(`The step was still running after ${timeoutMs} ms. Its log:\n${log.shown.join('\n')}`);
    }
    return exit;
  } finally {
    clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

async function collect(
  folder: StepFolder,
  log: StepLog,
): Promise<Omit<StepResult, 'exitCode' | 'signal' | 'durationMs'>> {
  const read = (file: string) => readFile(file, 'utf8');
  const rawSummary = await read(folder.summary);
  return {
    log: log.shown.join('\n'),
    rawLog: log.raw.join('\n'),
    masks: log.masker.values,
    annotations: log.annotations,
    rawAnnotations: log.rawAnnotations,
    debug: log.debug,
    groups: log.groups,
    violations: log.violations,
    outputs: parseKeyValueFile(await read(folder.output)),
    env: parseEnvFile(await read(folder.env)),
    state: parseKeyValueFile(await read(folder.state)),
    paths: (await read(folder.path)).split(/\r?\n/).filter((line) => line !== ''),
    summary:
      Buffer.byteLength(rawSummary) > SUMMARY_LIMIT
        ? ''
        : rawSummary
            .split('\n')
            .map((line) => log.masker.mask(line))
            .join('\n'),
    rawSummary,
  };
}
