import { describe, expect, it } from 'vitest';
import { Masks } from '../../src/masks.ts';
import { openEnvelope } from '../../src/recovery.ts';
import { type Run, seal } from '../../src/run.ts';

const APP_SECRET = new Uint8Array(32).fill(7);

/** As much of a run as sealing looks at. */
function runWith(masks: Masks): Run {
  const inputs = { keys: { appSecret: APP_SECRET, appKey: '' }, clientId: 'client' };
  return { inputs, masks } as unknown as Run;
}

describe('sealing in a run', () => {
  it('gives an envelope that opens to the token', () => {
    const envelope = seal(runWith(new Masks(() => {})), 'the token');
    expect(openEnvelope(envelope, APP_SECRET, 'client')).toBe('the token');
  });

  it('gives no envelope in which a mask would strike', () => {
    const masks = new Masks(() => {});
    // Each of these pairs is in about one envelope of forty; together they strike in most of them.
    for (let code = 65; code < 91; code++) masks.add(`${String.fromCharCode(code)}a`);
    const envelope = seal(runWith(masks), 'the token');
    expect(masks.redact(envelope)).toBe(envelope);
    expect(openEnvelope(envelope, APP_SECRET, 'client')).toBe('the token');
  });

  it('gives one all the same when a mask strikes in each', () => {
    const masks = new Masks(() => {});
    masks.add('cobo-envelope');
    expect(seal(runWith(masks), 'the token')).toMatch(/^cobo-envelope-v1\./);
  });
});
