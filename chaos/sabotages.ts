/** One protection taken out, by exact replacements in src/. */
export interface Sabotage {
  name: string;
  changes: { file: string; text: string; replacement: string }[];
}

export const SABOTAGES: readonly Sabotage[] = [
  one(
    'skip-the-probe',
    'github/write-back.ts',
    'if (first === undefined) return;',
    'if (first !== null) return;',
  ),
  one(
    'skip-staleness',
    'github/write-back.ts',
    'refuseStaleToken(this.#prepared, refreshTokenSecret, times);',
    '',
  ),
  one('let-signals-through', 'cancellation.ts', 'this.#held = true;', 'this.#held = true; this.close();'),
  one(
    'skip-verification',
    'cobo/exchange.ts',
    'const signature = verifyAnswer(answer, access.responseKey);',
    "const signature = String('valid');",
  ),
  one(
    'store-once-only',
    'github/client.ts',
    'maxAttempts: options.hurried ? HURRIED.maxAttempts : access.maxAttempts,',
    'maxAttempts: 1,',
  ),
  one('give-up-when-refused', 'github/client.ts', 'options.stubborn ?', 'options.stubborn === null ?'),
  one(
    'ask-cobo-once-only',
    'cobo/exchange.ts',
    'tryAgain: (error) => (error instanceof CoboFailure ? error.facts.tryAgain : undefined),',
    'tryAgain: () => undefined,',
  ),
  one(
    'forget-rotated-keys',
    'github/prepared-store.ts',
    'error.status !== 422) throw error;',
    'error.status !== 0) throw error;',
  ),
  one(
    'drop-the-envelope',
    'rotate.ts',
    "return { ...result, state: 'sealed', envelope: seal(run, fate.successor) };",
    "return { ...result, state: 'sealed' };",
  ),
  one('drop-the-insurance', 'keep.ts', 'run.delivery.insure(envelope);', ''),
  one('deliver-uninsured', 'keep.ts', 'if (stores !== undefined) {', 'if (stores === null) {'),
  one(
    'take-lost-for-unspent',
    'cobo/exchange.ts',
    "{ effect: 'possible', tryAgain: {} },",
    "{ effect: 'none', tryAgain: {} },",
  ),
  one(
    'never-heal',
    'cobo/exchange.ts',
    'if (orgId === undefined || !(dead || lost)) {',
    'if (orgId !== null) {',
  ),
  {
    name: 'leave-probes',
    changes: [
      {
        file: 'rotate.ts',
        text: 'if (cancellation.received === undefined) await stores?.removeProbes();',
        replacement: '',
      },
      { file: 'rotate.ts', text: 'await stores?.clearUp();', replacement: '' },
      { file: 'rotate.ts', text: 'stores?.beginRemoval();', replacement: '' },
    ],
  },
  one(
    'print-the-token',
    'obtain.ts',
    'run.masks.add(grant.refreshToken);',
    'run.delivery.info(grant.refreshToken);',
  ),
];

function one(name: string, file: string, text: string, replacement: string): Sabotage {
  return { name, changes: [{ file, text, replacement }] };
}
