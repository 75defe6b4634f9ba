import { describe, expect, it } from 'vitest';
import { readEnvFile, readKeyValueFile } from '../../emulators/runner/files.ts';

describe('the files for the runner', () => {
  it('hold plain pairs and heredocs', () => {
    expect(readKeyValueFile('a=1\n\nb<<EOF\nx=1\n\ny<<z\nEOF\r\nc==<<\na=2\nd=\ne<<E\nE\n')).toEqual({
      entries: { a: '2', b: 'x=1\n\ny<<z', c: '=<<', d: '', e: '' },
    });
    expect(readKeyValueFile('')).toEqual({ entries: {} });
  });

  it.each([
    ['word\n', "Invalid format 'word'"],
    ['=x\n', 'Name must not be empty'],
    ['<<EOF\nEOF\n', 'Name must not be empty'],
    ['a<<\n', 'delimiter must not be empty'],
    ['a<<EOF\nx\n', "Matching delimiter not found 'EOF'"],
  ])('count up to the first bad line: %j', (text, message) => {
    const { entries, error } = readKeyValueFile(`before=1\n${text}after=2\n`);
    expect(entries).toEqual({ before: '1' });
    expect(error).toContain(message);
  });

  it('cannot set NODE_OPTIONS', () => {
    const { entries, error } = readEnvFile('A=b\nNode_Options=--inspect');
    expect(entries).toEqual({ A: 'b' });
    expect(error).toContain('NODE_OPTIONS');
    expect(readEnvFile('A=b')).toEqual({ entries: { A: 'b' } });
  });
});
