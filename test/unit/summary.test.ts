import { describe, expect, it } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import { summaryOf } from '../../src/summary.ts';

describe('the job summary', () => {
  it('keeps what stands in a cell within the cell', () => {
    const facts: [string, string][] = [['Stored', '`TOKEN` in `environment:a|b@octo/app`']];
    const lines = summaryOf({ state: 'stored', facts }, undefined, 'It is safe.').split('\n');
    expect(lines).toContain('| Stored | `TOKEN` in `environment:a\\|b@octo/app` |');
    expect(lines).toContain('| Refresh token | **stored**. It is safe. |');
  });

  it.each([
    ['HTML', '<img src=x> & more', '&lt;img src=x> &amp; more'],
    ['a link', 'see [here](https://evil.test)', 'see [here]\\(https://evil.test)'],
    ['lines', 'one\r\n# two\n\nthree', 'one # two three'],
  ])('takes %s in an error for plain text', (_what, text, shown) => {
    const error = new ActionError('cobo-refused', text, text);
    const lines = summaryOf({ state: 'unspent' }, error, 'It is unspent.').split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '### ❌ Cobo refused the request',
      '',
      shown,
      '',
      `**What to do:** ${shown}`,
    ]);
  });

  it('shows the envelope in a block of its own', () => {
    const text = summaryOf({ state: 'sealed', envelope: 'cobo-envelope-v1.abc' }, undefined, 'Sealed.');
    expect(text).toContain('\n```text\ncobo-envelope-v1.abc\n```\n');
  });
});
