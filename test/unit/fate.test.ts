import { describe, expect, it } from 'vitest';
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
  lookedAt: 1,
  recordedAt: null,
  updatedAt: { here: null },
  records: ['here'],
  refused: [],
};

/** What a step leaves that ended in a state. */
const left = (state: TokenState): Handover => ({
  ...NOTHING,
  state,
  envelope: state === 'sealed' ? 'sealed successor' : null,
  keepsRecord: ROWS[state][2],
});

function fateOf(state: TokenState, tell: (left: Handover) => void = () => {}): Fate {
  return new Fate(true, tell, left(state), 'earlier');
}

function move(fate: Fate, ...states: TokenState[]): Fate {
  for (const state of states) {
    if (state === 'sealed') fate.seal('successor', 'sealed successor', true);
    else fate.become(state);
  }
  return fate;
}

it.each(STATES)('%s has its meaning', (state) => {
  const [, safe, keepsRecord, sentence] = ROWS[state];
  expect(MEANINGS[state]).toEqual({ safe, keepsRecord, sentence });
});

describe.each(STATES.flatMap((from) => STATES.map((to) => ({ from, to, may: ROWS[from][0].includes(to) }))))(
  '$to after $from',
  ({ from, to, may }) => {
    it(may ? 'is written down once' : 'is impossible, and changes nothing', () => {
      const told: Handover[] = [];
      const fate = fateOf(from, (one) => told.push(one));
      if (may) {
        move(fate, to);
        expect([fate.state, told]).toEqual([to, [fate.left]]);
      } else {
        expect(() => move(fate, to)).toThrow(`the refresh token cannot become ${to} after ${from}`);
        expect([fate.left, told]).toEqual([left(from), []]);
      }
    });
  },
);

describe('when it cannot be written down', () => {
  const tell = () => {
    throw new Error('ENOSPC');
  };

  it('nothing has changed: what is not begun is unspent', () => {
    const fate = fateOf('unspent', tell);
    expect(() => fate.become('unknown')).toThrow('ENOSPC');
    expect(fate.left).toEqual(NOTHING);
  });

  it('a successor is sealed all the same', () => {
    const fate = fateOf('unknown', tell);
    expect(() => fate.seal('successor', 'envelope', false)).toThrow('ENOSPC');
    expect([fate.successor, fate.left]).toEqual([
      'successor',
      { ...left('sealed'), trusted: false, envelope: 'envelope' },
    ]);
  });
});

it('remembers a successor even where none can follow', () => {
  const fate = fateOf('unspent');
  expect(() => move(fate, 'sealed')).toThrow('cannot become sealed after unspent');
  expect([fate.successor, fate.left.envelope]).toEqual(['successor', null]);
});

it('begins with nothing, and has an envelope only as long as it is needed', () => {
  const fate = new Fate(true, () => {});
  expect([fate.left, fate.successor, fate.access]).toEqual([NOTHING, undefined, undefined]);
  expect(move(fate, 'unknown', 'sealed').left).toEqual(left('sealed'));
  expect(move(fate, 'stored').left).toEqual(left('stored'));
});

it.each([true, false])('takes over what an earlier step has sealed (trusted: %s)', (trusted) => {
  const fate = new Fate(true, () => {}, { ...left('sealed'), trusted }, 'earlier');
  expect([fate.left, fate.successor]).toEqual([{ ...left('sealed'), trusted }, 'earlier']);
});

it('notes the records at any time, and says so at once', () => {
  const told: Handover[] = [];
  const fate = fateOf('unspent', (one) => told.push(one));
  fate.note(RECORDING);
  expect(told).toEqual([{ ...NOTHING, recording: RECORDING }]);
  expect(move(fate, 'unknown').left).toEqual({ ...left('unknown'), recording: RECORDING });
});

describe('the record', () => {
  const kept = { ...left('sealed'), keepsRecord: false };
  it.each([
    ['stays with a successor', fateOf('unknown'), ['sealed', 'stored'], true],
    ['may go when Cobo let the token live', fateOf('unknown'), ['kept', 'sealed'], false],
    ['may go then, also when it is stored', fateOf('unknown'), ['kept', 'sealed', 'stored'], false],
    ['may go then, also in the post step', new Fate(true, () => {}, kept), ['stored'], false],
    ['stays in the post step', fateOf('sealed'), ['stored'], true],
    ['may go where it locks nothing', new Fate(false, () => {}), ['unknown', 'sealed'], false],
    ['may go then, also in the post step', new Fate(false, () => {}, left('unknown')), ['sealed', 'stored'], false],
  ] satisfies [string, Fate, TokenState[], boolean][])('%s', (_what, fate, states, stays) => {
    expect(move(fate, ...states).left.keepsRecord).toBe(stays);
  });
});

describe('what the main step has left', () => {
  it.each(STATES)('is read as it was written: %s', (state) => {
    const handover = { ...left(state), recording: RECORDING };
    expect(readHandover(JSON.stringify(handover))).toEqual(handover);
  });

  it.each(['', '{"state":', '[]', '{}', '{"state":"lost"}', '{"__proto__":{"state":"unspent"}}'])(
    'is nothing when it is %j',
    (text) => {
      expect(readHandover(text)).toBeUndefined();
    },
  );
});
