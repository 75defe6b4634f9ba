import { expect, test } from 'vitest';
import type { Inputs } from '../../src/inputs.ts';
import { openEnvelope } from '../../src/recovery.ts';
import { seal } from '../../src/run.ts';
import { Masks } from '../../src/text.ts';

const appSecret = new Uint8Array(32).fill(7);
const inputs = { keys: { appSecret, appKey: '' }, clientId: 'client-1' } as Inputs;
const SEALED = { refreshToken: 'refresh-1', lookedAt: undefined };

/** Masks that occur in so many envelopes. */
class Unlucky extends Masks {
  asked = 0;
  readonly #times: number;

  constructor(times: number) {
    super(() => undefined);
    this.#times = times;
  }

  override redact(text: string): string {
    this.asked += 1;
    return this.asked <= this.#times ? text.replace(/.{8}$/, '***') : text;
  }
}

test.each([
  [0, 1],
  [3, 4],
  [99, 100],
  // A mask that is in every envelope; better one that nobody can read in the log than none.
  [1_000, 100],
])('an envelope is sealed again while a mask occurs in it: %i times', (times, asked) => {
  const masks = new Unlucky(times);
  const envelope = seal(SEALED, inputs, masks);
  expect(masks.asked).toBe(asked);
  expect(openEnvelope(envelope, appSecret, 'client-1')).toEqual(SEALED);
});
