/** What such a file says, up to the first line that has another shape. */
export interface FileContent {
  entries: Record<string, string>;
  /** What is wrong with the first bad line, in the runner's words. */
  error?: string;
}

/**
 * Reads a file in the format of GITHUB_OUTPUT, GITHUB_ENV and GITHUB_STATE: `name=value`, or
 * `name<<delimiter`, the lines of the value, `delimiter`. A later entry replaces an earlier one. The runner
 * takes the entries one by one: those before a bad line count.
 */
export function readKeyValueFile(text: string): FileContent {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const entries: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) return { entries, error: `Invalid format '${line}'. Name must not be empty` };
      entries[line.slice(0, equals)] = line.slice(equals + 1);
    } else if (heredoc >= 0) {
      const name = line.slice(0, heredoc);
      const delimiter = line.slice(heredoc + 2);
      if (name === '' || delimiter === '') {
        const error = `Invalid format '${line}'. Name must not be empty and delimiter must not be empty`;
        return { entries, error };
      }
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) return { entries, error: `Invalid value. Matching delimiter not found '${delimiter}'` };
      entries[name] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else {
      return { entries, error: `Invalid format '${line}'` };
    }
  }
  return { entries };
}

/** Reads GITHUB_ENV, from which the runner does not take NODE_OPTIONS. */
export function readEnvFile(text: string): FileContent {
  const content = readKeyValueFile(text);
  const refused = Object.keys(content.entries).filter((name) => name.toUpperCase() === 'NODE_OPTIONS');
  for (const name of refused) delete content.entries[name];
  if (refused.length === 0) return content;
  return { ...content, error: "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command." };
}
