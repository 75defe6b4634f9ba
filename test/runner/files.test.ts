import { describe, expect, it } from 'vitest';
import { parseEnvFile, parseKeyValueFile } from '../../emulators/runner/files.ts';

describe('the files for the runner', () => {
  it('hold plain pairs and heredocs', () => {
    expect(parseKeyValueFile('a=1\n\nb<<EOF\nx=1\n\ny<<z\nEOF\r\nc==<<\na=2\nd=\ne<<E\nE\n')).toEqual({
      a: '2',
      b: 'x=1\n\ny<<z',
      c: '=<<',
      d: '',
      e: '',
    });
    expect(parseKeyValueFile('')).toEqual({});
  });

  it.each([
    ['word\n', "Invalid format 'word'"],
    ['=x\n', 'Name must not be empty'],
    ['<<EOF\nEOF\n', 'Name must not be empty'],
    ['a<<\n', 'delimiter must not be empty'],
    ['a<<EOF\nx\n', "Matching delimiter not found 'EOF'"],
  ])('are refused when malformed: %j', (text, message) => {
    expect(() => parseKeyValueFile(text)).toThrow(message);
  });

  it('cannot set NODE_OPTIONS', () => {
    expect(() => parseEnvFile('Node_Options=--inspect')).toThrow('NODE_OPTIONS');
    expect(parseEnvFile('A=b')).toEqual({ A: 'b' });
  });
});
