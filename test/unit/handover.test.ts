import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTokenState } from '../../src/errors.ts';
import { MEANINGS } from '../../src/fate.ts';
import { emptyHandover, HANDOVER, type Handover, readHandover } from '../../src/handover.ts';
import { RUNS } from './support.ts';

const FULL: Handover = {
  state: 'sealed',
  trusted: true,
  envelope: 'cobo-envelope-v1.abc',
  record: 'TOKEN_IN_FLIGHT_3FA94C21D07B',
  lookedAt: 1_772_366_400_000,
  recordedAt: 1_772_366_401_000,
  keepsRecord: true,
  stores: [
    { label: 'repository@octo/app', updatedAt: 1_772_280_000_000, record: true, refused: true },
    { label: 'environment:cobo@octo/app', updatedAt: null, record: false, refused: false },
  ],
};

const reread = (json: unknown) => readHandover(JSON.stringify(json));

it('has one name', () => {
  expect(HANDOVER).toBe('handover');
});

describe('what the main step has left', () => {
  it('is read as it was written', () => {
    expect(reread(FULL)).toEqual(FULL);
    expect(reread(emptyHandover())).toEqual({
      state: 'unspent',
      trusted: true,
      envelope: null,
      record: null,
      lookedAt: 0,
      recordedAt: null,
      keepsRecord: false,
      stores: [],
    });
  });

  it.each([
    ['no text', ''],
    ['no JSON', '{"state":'],
    ['a list', '[]'],
    ['no state', '{}'],
    ['another state', '{"state":"lost"}'],
    ['a state of the prototype', '{"__proto__":{"state":"unspent"}}'],
    ['a sealed token without its envelope', '{"state":"sealed"}'],
    ['an envelope of a token that is not sealed', '{"state":"stored","envelope":"cobo-envelope-v1.abc"}'],
  ])('is nothing when it is %s', (_what, text) => {
    expect(readHandover(text)).toBeUndefined();
  });

  it.each([
    ['trusted', 'yes', { trusted: false }],
    ['record', 5, { record: null }],
    ['lookedAt', 'noon', { lookedAt: 0 }],
    ['recordedAt', {}, { recordedAt: null }],
    ['keepsRecord', 1, { keepsRecord: false }],
    ['stores', 'all', { stores: [] }],
    ['stores', [null, 'x', {}, { label: 5 }, { label: { toString: 1 } }], { stores: [] }],
    [
      'stores',
      [{ label: 'a', updatedAt: 'x', record: 1 }],
      { stores: [{ label: 'a', updatedAt: null, record: false, refused: false }] },
    ],
  ])('takes a wrong `%s` (%j) for a missing one', (name, value, expected) => {
    expect(reread({ ...FULL, [name]: value })).toEqual({ ...FULL, ...expected });
  });

  it('takes a number beyond all numbers for none', () => {
    expect(readHandover('{"state":"unspent","lookedAt":1e999,"recordedAt":-1e999}')).toMatchObject({
      lookedAt: 0,
      recordedAt: null,
    });
  });
});

describe('any text', () => {
  const store = fc.record({
    label: fc.string(),
    updatedAt: fc.option(fc.integer()),
    record: fc.boolean(),
    refused: fc.boolean(),
  });
  const handover = fc
    .record({
      state: fc.constantFrom(...Object.keys(MEANINGS).filter(isTokenState)),
      trusted: fc.boolean(),
      text: fc.string(),
      record: fc.option(fc.string()),
      lookedAt: fc.integer(),
      recordedAt: fc.option(fc.integer()),
      keepsRecord: fc.boolean(),
      stores: fc.array(store),
    })
    .map(({ text, ...rest }): Handover => ({ ...rest, envelope: rest.state === 'sealed' ? text : null }));

  it('that the main step can write is read as it was written', () => {
    fc.assert(
      fc.property(handover, (one) => {
        expect(reread(one)).toEqual(one);
      }),
      { numRuns: RUNS },
    );
  });

  it('is never more than the shape allows, and never throws', () => {
    const spoiled = fc
      .tuple(handover, fc.constantFrom(...Object.keys(FULL)), fc.jsonValue())
      .map(([one, name, value]) => JSON.stringify({ ...one, [name]: value }));
    const cut = fc.tuple(handover, fc.nat(200)).map(([one, at]) => JSON.stringify(one).slice(0, at));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), spoiled, cut), (text) => {
        const read = readHandover(text);
        if (read === undefined) return;
        expect(isTokenState(read.state)).toBe(true);
        expect(read.state === 'sealed').toBe(typeof read.envelope === 'string');
        expect([true, false]).toContain(read.trusted);
        expect([true, false]).toContain(read.keepsRecord);
        expect(Number.isFinite(read.lookedAt)).toBe(true);
        expect(read.record === null || typeof read.record === 'string').toBe(true);
        expect(read.recordedAt === null || Number.isFinite(read.recordedAt)).toBe(true);
        for (const { label, updatedAt, record } of read.stores) {
          expect([typeof label, typeof record]).toEqual(['string', 'boolean']);
          expect(updatedAt === null || Number.isFinite(updatedAt)).toBe(true);
        }
      }),
      { numRuns: 4 * RUNS },
    );
  });
});
