import { expect, it, test } from 'vitest';
import { ActionError, asActionError, isTokenState } from '../../src/errors.ts';
import { MEANINGS } from '../../src/fate.ts';

test('an ActionError is handed on as it is', () => {
  const error = new ActionError('store-full', 'The store is full.', 'Delete a secret.', { cause: 'deeper' });
  expect(asActionError(error)).toBe(error);
  const told = { code: 'store-full', message: 'The store is full.', remedy: 'Delete a secret.', cause: 'deeper' };
  expect(error).toMatchObject({ name: 'ActionError', ...told });
});

it.each([
  ['TypeError', new TypeError('token-0123456789')],
  ['string', 'token-0123456789'],
  ['undefined', undefined],
  ['object', null],
])('of anything else the kind is told (%s), and not its text, which may hold a secret', (kind, thrown) => {
  const { code, message, remedy, cause } = asActionError(thrown);
  const shown = `Something failed that the action did not expect (${kind}).`;
  expect([code, message, cause]).toEqual(['internal', shown, thrown]);
  expect(remedy).toMatch(/^Re-run the job with debug logging, .* They hold no secret\.$/);
});

test('isTokenState knows each state, and nothing else', () => {
  const states = Object.keys(MEANINGS);
  expect(states.filter(isTokenState)).toEqual(states);
  for (const other of ['toString', 'Stored', '', ['unspent'], undefined]) expect(isTokenState(other)).toBe(false);
});
