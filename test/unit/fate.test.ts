import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTokenState, type TokenState } from '../../src/errors.ts';
import { Fate, type Handover, MEANINGS, readHandover } from '../../src/fate.ts';
import { RUNS } from './support.ts';

const STATES = Object.keys(MEANINGS).filter(isTokenState);

/** What may follow, as the contract has it. */
const NEXT: Record<TokenState, TokenState[]> = {
  unspent: ['reused', 'unknown'],
  reused: [],
  unknown: ['unknown', 'unspent', 'kept', 'sealed'],
  kept: ['sealed'],
  sealed: ['stored', 'delivered'],
  stored: [],
  delivered: [],
};

/** What a step leaves that ended in a state, without any luck. */
const left = (state: TokenState): Handover => ({
  state,
  trusted: true,
  envelope: state === 'sealed' ? 'envelope' : null,
  keepsRecord: ['sealed', 'stored'].includes(state),
  recording: null,
});

function fateOf(
  state: TokenState,
  changes: Partial<Handover & { locks: boolean; tell: (left: Handover) => void }> = {},
): Fate {
  const { locks = true, tell = () => {}, ...token } = changes;
  return new Fate(locks, tell, { ...left(state), ...token }, 'earlier');
}

function move(fate: Fate, state: TokenState): void {
  if (state === 'sealed') fate.seal('successor', 'sealed successor', true);
  else fate.become(state);
}

describe.each(STATES.flatMap((from) => STATES.map((to) => ({ from, to, may: NEXT[from].includes(to) }))))(
  '$to after $from',
  ({ from, to, may }) => {
    it(may ? 'is written down once' : 'is impossible, and changes nothing', () => {
      const told: TokenState[] = [];
      const fate: Fate = fateOf(from, { tell: (left: Handover) => told.push(left.state) });
      if (may) {
        move(fate, to);
        expect([fate.state, told]).toEqual([to, [to]]);
        return;
      }
      expect(() => move(fate, to)).toThrow(`the refresh token cannot become ${to} after ${from}`);
      expect([fate.state, told]).toEqual([from, []]);
    });
  },
);

describe('when it cannot be written down', () => {
  const tell = () => {
    throw new Error('ENOSPC');
  };

  it('nothing has changed: what is not begun is unspent', () => {
    const fate = fateOf('unspent', { tell });
    expect(() => fate.become('unknown')).toThrow('ENOSPC');
    expect(fate.state).toBe('unspent');
  });

  it('a successor is sealed all the same', () => {
    const fate = fateOf('unknown', { tell });
    expect(() => fate.seal('successor', 'envelope', false)).toThrow('ENOSPC');
    expect(fate.successor).toBe('successor');
    expect(fate.left).toEqual({
      state: 'sealed',
      trusted: false,
      envelope: 'envelope',
      keepsRecord: true,
      recording: null,
    });
  });
});

it('remembers a successor even where none can follow', () => {
  const fate = fateOf('unspent');
  expect(() => move(fate, 'sealed')).toThrow('cannot become sealed after unspent');
  expect([fate.successor, fate.left.envelope]).toEqual(['successor', null]);
});

it('begins with nothing, and has an envelope only as long as it is needed', () => {
  const fate = new Fate(true, () => {});
  expect([fate.left, fate.successor, fate.access]).toEqual([left('unspent'), undefined, undefined]);
  fate.become('unknown');
  move(fate, 'sealed');
  expect(fate.left).toEqual({ ...left('sealed'), envelope: 'sealed successor' });
  fate.become('stored');
  expect(fate.left).toEqual(left('stored'));
});

it.each([true, false])('takes over what an earlier step has sealed (trusted: %s)', (trusted) => {
  const fate = fateOf('sealed', { trusted });
  expect([fate.left, fate.successor]).toEqual([{ ...left('sealed'), trusted }, 'earlier']);
});

describe('the record', () => {
  it.each([
    ['unspent', false],
    ['reused', false],
    ['unknown', false],
    ['kept', false],
    ['sealed', true],
    ['stored', true],
    ['delivered', false],
  ] as const)('of a token that is %s must stay: %s', (state, stays) => {
    expect(fateOf(state).left.keepsRecord).toBe(stays);
    // An earlier step knows that the token is still good.
    expect(fateOf(state, { keepsRecord: false }).left.keepsRecord).toBe(false);
  });

  it('may go when Cobo let the token live, whatever becomes of it', () => {
    const fate = fateOf('unknown');
    fate.become('kept');
    fate.seal('the same token', 'envelope', true);
    expect(fate.left.keepsRecord).toBe(false);
    fate.become('stored');
    expect(fate.left.keepsRecord).toBe(false);
  });

  it('of a token whose answer was lost in an earlier step must stay with its successor', () => {
    const fate = fateOf('unknown');
    move(fate, 'sealed');
    expect(fate.left.keepsRecord).toBe(true);
  });
});

it('has a sentence for every state, and says which are safe', () => {
  expect(Object.fromEntries(STATES.map((state) => [state, [MEANINGS[state].safe, MEANINGS[state].sentence]]))).toEqual({
    unspent: [true, 'This run has not spent the refresh token.'],
    reused: [true, 'The refresh token was not used.'],
    unknown: [false, 'The refresh token may be spent.'],
    kept: [true, 'Cobo sent no new refresh token, so the old one stays valid.'],
    sealed: [false, 'The new refresh token is sealed in the recovery envelope.'],
    stored: [true, 'The new refresh token is in every store.'],
    delivered: [true, 'The new refresh token is in the output `refresh-token`.'],
  });
});

it('never leaves the paths of the table, and once sealed keeps its successor', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATES), { maxLength: 12 }), (moves) => {
      const fate = fateOf('unspent');
      for (const to of moves) {
        const from = fate.state;
        try {
          move(fate, to);
        } catch {
          expect(fate.state).toBe(from);
        }
        if (fate.state !== from) expect(NEXT[from]).toContain(fate.state);
        if (['sealed', 'stored', 'delivered'].includes(fate.state)) expect(fate.successor).toBe('successor');
      }
    }),
    { numRuns: RUNS },
  );
});

describe('what the main step has left', () => {
  it('is read as it was written', () => {
    const recording = {
      name: 'TOKEN_IN_FLIGHT_3FA94C21D07B',
      lookedAt: 1,
      recordedAt: null,
      updatedAt: { 'repository@octo/app': null },
      records: ['repository@octo/app'],
      refused: [],
    };
    for (const state of STATES) {
      const handover = { ...left(state), recording };
      expect(readHandover(JSON.stringify(handover))).toEqual(handover);
    }
  });

  it.each(['', '{"state":', '[]', '{}', '{"state":"lost"}', '{"__proto__":{"state":"unspent"}}'])(
    'is nothing when it is %j',
    (text) => {
      expect(readHandover(text)).toBeUndefined();
    },
  );
});
