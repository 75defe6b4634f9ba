/**
 * Reads a file in the format of GITHUB_OUTPUT, GITHUB_ENV and GITHUB_STATE: `name=value`, or
 * `name<<delimiter`, the lines of the value, `delimiter`. A later entry replaces an earlier one.
 * @throws Error in the runner's words when the text has another shape
 */
export function parseKeyValueFile(text: string): Record<string, string> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const entries: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'. Name must not be empty`);
      entries[line.slice(0, equals)] = line.slice(equals + 1);
    } else if (heredoc >= 0) {
      const name = line.slice(0, heredoc);
      const delimiter = line.slice(heredoc + 2);
      if (name === '' || delimiter === '') {
        throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
      }
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
      entries[name] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return entries;
}

/**
 * Reads GITHUB_ENV.
 * @throws Error for another shape, and for NODE_OPTIONS, which the runner refuses to take from there
 */
export function parseEnvFile(text: string): Record<string, string> {
  const entries = parseKeyValueFile(text);
  const refused = Object.keys(entries).find((name) => name.toUpperCase() === 'NODE_OPTIONS');
  if (refused !== undefined) {
    throw new Error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
  }
  return entries;
}
