import { registerHooks } from 'node:module';

const STUBS: [RegExp, string][] = [
  [/\/signing\.ts$/, './stubs/signing.ts'],
  [/\/app-key\.ts$/, './stubs/app-key.ts'],
  [/\/keys\.ts$/, './stubs/keys.ts'],
  [/\/sealed-box\.ts$/, './stubs/sealed-box.ts'],
  [/^libsodium-wrappers$/, './stubs/libsodium.ts'],
];
/** Modules that derive keys of the same secret again and again. */
const DERIVING = /\/src\/(?:recovery|github\/record)\.ts$/;

/**
 * Loads the stubs of this folder in place of the costly cryptography, on both sides: a month of a large fleet is
 * a million signatures. Call it before anything else is loaded.
 */
export function swapCryptography(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      const derives = specifier === 'node:crypto' && DERIVING.test(parentURL);
      const found = STUBS.find(([pattern]) => pattern.test(specifier))?.[1];
      const stub = derives ? './stubs/crypto.ts' : found;
      if (stub === undefined || parentURL.includes('/fleet/stubs/')) return next(specifier, context);
      return { url: new URL(stub, import.meta.url).href, format: 'module-typescript', shortCircuit: true };
    },
  });
}
