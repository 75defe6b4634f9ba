import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a separator at its end. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Where everything is made before it is copied; never committed. */
export const BUILD = join(ROOT, 'build');

/** The part of a package.json that the build reads. */
export interface Manifest {
  name: string;
  version: string;
  license?: string;
  type?: string;
  bin?: string | Record<string, string>;
  dependencies?: Record<string, string>;
}

/** Reads the package.json in `folder`. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/**
 * The script of a command-line tool, to be run by this Node: the first `node` in the path of an npm script may
 * be another one (see .ci/run).
 * @throws Error when the package has no such command
 */
export function toolCommand(packageName: string, command: string): string {
  const folder = join(ROOT, 'node_modules', packageName);
  const { bin } = readManifest(folder);
  const script = typeof bin === 'string' ? bin : bin?.[command];
  if (script === undefined) throw new Error(`${packageName} has no command ${command}`);
  return join(folder, script);
}

/**
 * Runs the command-line tool of an installed package at the root of the repository. What it prints is passed on.
 * @param env on top of this process's environment
 * @throws Error when it does not exit with 0
 */
export async function runTool(
  packageName: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const script = toolCommand(packageName, command);
  const options = { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } } as const;
  const child = spawn(process.execPath, [script, ...args], options);
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) throw new Error(`${command} failed (${status})`);
}

/** A number of bytes in thousands, for people. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
