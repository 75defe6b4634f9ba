import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../scripts/check-docs.ts';

describe('the documentation', () => {
  it.each(Object.entries(CHECKS))('%s', (_fact, check) => {
    expect(check()).toEqual([]);
  });
});
