import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The major version that `using: node24` asks for. */
const MAJOR = 24;

/**
 * The path of a Node 24 binary, so that a bundle is tested on what the runner ships rather than on
 * whatever runs the tests: the npm package for this platform, else the running Node when it is new enough.
 * @throws Error when neither is there
 */
export function node24(): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const packaged = fromPackage(name);
  if (packaged !== undefined) return packaged;
  if (Number.parseInt(process.versions.node, 10) >= MAJOR) return process.execPath;
  throw new Error(
    `No Node ${MAJOR} here: the optional npm package ${name} is not installed, and this is Node ` +
      `${process.versions.node}. Run "npm install", or run the tests with Node ${MAJOR} or later.`,
  );
}

function fromPackage(name: string): string | undefined {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}
