import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTokenState, type TokenState } from '../../src/errors.ts';
import { Fate, MEANINGS } from '../../src/fate.ts';
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

const silent = () => undefined;

function move(fate: Fate, state: TokenState): void {
  if (state === 'sealed') fate.seal('successor', true);
  else fate.become(state);
}

describe.each(STATES.flatMap((from) => STATES.map((to) => ({ from, to, may: NEXT[from].includes(to) }))))(
  '$to after $from',
  ({ from, to, may }) => {
    it(may ? 'is written down once' : 'is impossible, and changes nothing', () => {
      const told: TokenState[] = [];
      const fate: Fate = new Fate(from, () => told.push(fate.state));
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
  const broken = () => {
    throw new Error('ENOSPC');
  };

  it('nothing has changed: what is not begun is unspent', () => {
    const fate = new Fate('unspent', broken);
    expect(() => fate.become('unknown')).toThrow('ENOSPC');
    expect(fate.state).toBe('unspent');
  });

  it('a successor is sealed all the same', () => {
    const fate = new Fate('unknown', broken);
    expect(() => fate.seal('successor', false)).toThrow('ENOSPC');
    expect([fate.state, fate.successor, fate.trusted]).toEqual(['sealed', 'successor', false]);
  });
});

it('remembers a successor even where none can follow', () => {
  const fate = new Fate('unspent', silent);
  expect(() => fate.seal('successor', true)).toThrow('cannot become sealed after unspent');
  expect(fate.successor).toBe('successor');
});

it('has no successor at first, and trusts what comes', () => {
  const fate = new Fate('unknown', silent);
  expect([fate.successor, fate.trusted, fate.access]).toEqual([undefined, true, undefined]);
  fate.seal('successor', true);
  expect([fate.successor, fate.trusted]).toEqual(['successor', true]);
});

it('takes over what an earlier step has sealed', () => {
  expect(new Fate('sealed', silent, 'successor').successor).toBe('successor');
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
    expect(new Fate(state, silent).keepsRecord).toBe(stays);
  });

  it('may go when Cobo let the token live, whatever becomes of it', () => {
    const fate = new Fate('unknown', silent);
    fate.become('kept');
    fate.seal('the same token', true);
    expect(fate.keepsRecord).toBe(false);
    fate.become('stored');
    expect(fate.keepsRecord).toBe(false);
  });

  it('may go when an earlier step says so', () => {
    expect(new Fate('sealed', silent, 'the same token', true).keepsRecord).toBe(false);
  });
});

it('has a sentence for every state, and says which are safe', () => {
  expect(
    Object.fromEntries(STATES.map((state) => [state, [MEANINGS[state].safe, MEANINGS[state].sentence]])),
  ).toEqual({
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
      const fate = new Fate('unspent', silent);
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
