import { describe, expect, it } from 'vitest';
import { ActionError, asActionError, ERROR_TITLES, inputError } from '../../src/errors.ts';

describe('ActionError', () => {
  it('tells what failed and what to do', () => {
    const error = new ActionError('store-full', 'The store is full.', 'Delete a secret.');
    expect({ ...error, message: error.message }).toMatchObject({
      name: 'ActionError',
      code: 'store-full',
      message: 'The store is full.',
      remedy: 'Delete a secret.',
    });
  });

  it('takes the refresh token for unspent until somebody knows better', () => {
    expect(new ActionError('internal', '', '').tokenState).toBe('unspent');
  });

  it('keeps its cause', () => {
    const cause = new Error('deeper');
    expect(new ActionError('internal', '', '', { cause }).cause).toBe(cause);
  });
});

describe('inputError', () => {
  it('names the input in a whole sentence', () => {
    const error = inputError('client-id', 'has blanks', 'Copy it.');
    expect(error).toMatchObject({
      code: 'input-invalid',
      message: 'The input `client-id` has blanks.',
      remedy: 'Copy it.',
    });
  });
});

describe('asActionError', () => {
  it('hands an ActionError on as it is', () => {
    const error = new ActionError('cancelled', 'Cancelled.', '');
    expect(asActionError(error)).toBe(error);
  });

  it.each([
    ['an error', new TypeError('token-0123456789'), 'TypeError'],
    ['a text', 'token-0123456789', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
  ])('tells the kind of %s that was thrown', (_what, thrown, kind) => {
    expect(asActionError(thrown)).toMatchObject({
      code: 'internal',
      message: `Something failed that the action did not expect (${kind}).`,
    });
  });

  it.each([
    ['an error', new TypeError('token-0123456789')],
    ['a text', 'token-0123456789'],
  ])('does not repeat the text of %s, which nobody has checked', (_what, thrown) => {
    const error = asActionError(thrown);
    expect(`${error.message} ${error.remedy}`).not.toContain('token-0123456789');
  });

  it('keeps what was thrown as its cause', () => {
    const thrown = new RangeError('x');
    expect(asActionError(thrown).cause).toBe(thrown);
  });
});

describe('ERROR_TITLES', () => {
  it('gives every code a title of its own', () => {
    const titles = Object.values(ERROR_TITLES);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
