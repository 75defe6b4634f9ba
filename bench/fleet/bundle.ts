import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const STUBS: [RegExp, string][] = [
  [/\/signing\.ts$/, 'signing.ts'],
  [/\/app-key\.ts$/, 'app-key.ts'],
  [/\/keys\.ts$/, 'keys.ts'],
  [/\/sealed-box\.ts$/, 'sealed-box.ts'],
  [/^libsodium-wrappers$/, 'libsodium.ts'],
];
/** Modules that derive keys of the same secret again and again, and seal envelopes. */
const DERIVING = /\/src\/(?:recovery|github\/record)\.ts$/;

/**
 * Puts the stubs of this folder in place of the costly cryptography, on both sides: a month of a large fleet is a
 * million signatures.
 */
const openCryptography: Plugin = {
  name: 'open cryptography',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const derives = path === 'node:crypto' && DERIVING.test(importer.replaceAll('\\', '/'));
      const stub = derives ? 'crypto.ts' : STUBS.find(([pattern]) => pattern.test(path))?.[1];
      const isStub = /[\\/]fleet[\\/]stubs[\\/]/.test(importer);
      return stub === undefined || isStub ? undefined : { path: here(`stubs/${stub}`) };
    });
  },
};

/** Gives the action what stands in for globals of Node. */
const leanGlobals: Plugin = {
  name: 'lean globals',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].+\.ts$/ }, async ({ path }) => {
      const stubs = Object.entries({ AbortController: 'abort.ts', URL: 'url.ts' }).map(
        ([name, file]) => `import { ${name} } from ${JSON.stringify(here(`stubs/${file}`))};`,
      );
      return { contents: [...stubs, await readFile(path, 'utf8')].join(' '), loader: 'ts' };
    });
  },
};

/**
 * Makes one script of a worker and all that it plays, so that it starts at once, and so that each `import()` of the
 * action takes no turn of the event loop.
 * @param full with real signatures and real encryption
 * @returns its path, in a new folder
 */
export async function bundleWorker(full: boolean): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), 'fleet-')), 'worker.mjs');
  await build({
    entryPoints: [here('worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
    // Nothing in the simulation waits for real events: a turn of the event loop is a turn of the microtasks.
    define: { setImmediate: 'queueMicrotask' },
    plugins: full ? [leanGlobals] : [leanGlobals, openCryptography],
  });
  return outfile;
}

function here(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}
