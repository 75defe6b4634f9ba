import { expect, it } from 'vitest';
import { isTokenState, type TokenState } from '../../src/errors.ts';
import { Fate, type Handover, MEANINGS, readHandover } from '../../src/fate.ts';

/** As the contract has it: may follow, whether nobody has to help, whether the record stays, what people read. */
const ROWS: Record<TokenState, [next: TokenState[], safe: boolean, keepsRecord: boolean, sentence: string]> = {
  unspent: [['reused', 'unknown'], true, false, 'This run has not spent the refresh token.'],
  reused: [[], true, false, 'The refresh token was not used.'],
  unknown: [['unknown', 'unspent', 'kept', 'sealed'], false, false, 'The refresh token may be spent.'],
  kept: [['sealed'], true, false, 'Cobo sent no new refresh token, so the old one stays valid.'],
  sealed: [['stored', 'delivered'], false, true, 'The new refresh token is sealed in the recovery envelope.'],
  stored: [[], true, true, 'The new refresh token is in every store.'],
  delivered: [[], true, false, 'The new refresh token is in the output `refresh-token`.'],
};
const STATES = Object.keys(ROWS).filter(isTokenState);
const NOTHING: Handover = { state: 'unspent', trusted: true, envelope: null, keepsRecord: false, recording: null };
const RECORDING = {
  name: 'R',
  kind: 'secret' as const,
  lookedAt: 1,
  recordedAt: null,
  updatedAt: { here: null },
  records: [],
  refused: [],
};
const full = () => {
  throw new Error('ENOSPC');
};

/** What a step leaves that ended in a state. */
const left = (state: TokenState): Handover => ({
  ...NOTHING,
  state,
  envelope: state === 'sealed' ? 'sealed successor' : null,
  keepsRecord: ROWS[state][2],
});

function move(fate: Fate, ...states: TokenState[]): Fate {
  for (const state of states) {
    if (state === 'sealed') fate.seal('successor', 'sealed successor', true);
    else fate.become(state);
  }
  return fate;
}

it.each(STATES)('%s has its meaning, can be read again, and is followed only by what may follow', (from) => {
  const [next, safe, keepsRecord, sentence] = ROWS[from];
  expect(MEANINGS[from]).toEqual({ safe, keepsRecord, sentence });
  expect(readHandover(JSON.stringify(left(from)))).toEqual(left(from));
  for (const to of STATES) {
    const told: Handover[] = [];
    const fate = new Fate(true, (one) => told.push(one), left(from));
    if (next.includes(to)) {
      move(fate, to);
      expect([fate.state, told]).toEqual([to, [fate.left]]);
    } else {
      expect(() => move(fate, to)).toThrow(`the refresh token cannot become ${to} after ${from}`);
      expect([fate.left, told]).toEqual([left(from), []]);
    }
    // A successor is remembered even where none can follow.
    expect(fate.successor).toBe(to === 'sealed' ? 'successor' : undefined);
  }
});

it('has not changed when that cannot be written down; but a successor is sealed all the same', () => {
  const told: Handover[] = [];
  const unspent = new Fate(true, (one) => [told.push(one), full()]);
  expect(() => unspent.become('unknown')).toThrow('ENOSPC');
  // A part of it may be written: the truth comes after it.
  expect([unspent.left, told]).toEqual([NOTHING, [{ ...NOTHING, state: 'unknown' }, NOTHING]]);
  const unknown = new Fate(true, full, left('unknown'), 'earlier');
  expect(unknown.successor).toBe('earlier');
  expect(() => unknown.seal('successor', 'envelope', false)).toThrow('ENOSPC');
  expect(unknown.successor).toBe('successor');
  expect(unknown.left).toEqual({ ...left('sealed'), trusted: false, envelope: 'envelope' });
});

it('notes the records at any time, and says so at once', () => {
  const told: Handover[] = [];
  const fate = new Fate(true, (one) => told.push(one));
  fate.note(RECORDING);
  expect(told).toEqual([{ ...NOTHING, recording: RECORDING }]);
  expect(move(fate, 'unknown').left).toEqual({ ...left('unknown'), recording: RECORDING });
});

it.each<[string, boolean, Handover, TokenState[], boolean]>([
  ['stays with a successor', true, left('unknown'), ['sealed', 'stored'], true],
  ['may go when Cobo let the token live', true, left('unknown'), ['kept', 'sealed'], false],
  ['may go then, also in the post step', true, { ...left('sealed'), keepsRecord: false }, ['stored'], false],
  ['stays in the post step', true, left('sealed'), ['stored'], true],
  ['may go where it locks nothing', false, NOTHING, ['unknown', 'sealed'], false],
])('the record %s', (_what, locks, now, states, stays) => {
  expect(move(new Fate(locks, () => {}, now), ...states).left.keepsRecord).toBe(stays);
});

it.each(['', '{"state":', '[]', '{}', '{"state":"lost"}', '{"__proto__":{"state":"unspent"}}'])(
  'the main step has left nothing when that is %j',
  (text) => expect(readHandover(text)).toBeUndefined(),
);
