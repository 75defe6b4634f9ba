import { afterEach, describe, expect, it, vi } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import { openEnvelope, sealEnvelope } from '../../src/recovery.ts';
import { retryAfterMs } from '../../src/retry.ts';

// What mutation testing found nobody looking at.

afterEach(() => {
  vi.restoreAllMocks();
});

describe('Retry-After', () => {
  const NOW = Date.UTC(2026, 2, 1, 12);

  it('is no date when something comes before it', () => {
    expect(retryAfterMs({ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, NOW)).toBe(30_000);
    expect(retryAfterMs({ 'retry-after': '(x) Sun, 01 Mar 2026 12:00:30 GMT' }, NOW)).toBeUndefined();
  });

  it('is in UTC in the form that names no zone, wherever the runner is', () => {
    const parse = vi.spyOn(Date, 'parse');
    expect(retryAfterMs({ 'retry-after': 'Sun Mar  1 12:00:30 2026' }, NOW)).toBe(30_000);
    expect(parse).toHaveBeenCalledWith('Sun Mar  1 12:00:30 2026 GMT');
  });
});

describe('what to do about an envelope that does not open', () => {
  const SECRET = Buffer.alloc(32, 7);
  const sealed = sealEnvelope('refresh-1', SECRET, 'client-1');

  function remedyFor(envelope: string, clientId = 'client-1'): string {
    try {
      openEnvelope(envelope, SECRET, clientId);
    } catch (error) {
      if (error instanceof ActionError) return error.remedy;
      throw error;
    }
    throw new Error('it opened');
  }

  it.each([
    ['something else', 'refresh-1', 'Copy it whole, from `cobo-envelope-v1.` to its last character.'],
    ['a piece', sealed.slice(0, 30), 'Copy it whole.'],
    ['nothing', sealEnvelope('', SECRET, 'client-1'), 'Was it made by this action?'],
  ])('for %s', (_what, envelope, remedy) => {
    expect(remedyFor(envelope)).toBe(remedy);
  });

  it('for another client', () => {
    expect(remedyFor(sealed, 'client-2')).toMatch(/`private-key` and `client-id`.*whole\.$/);
  });
});
