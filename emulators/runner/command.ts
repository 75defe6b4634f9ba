/** A workflow command found in a line of output. */
export interface Command {
  /** In lower case. */
  name: string;
  properties: Record<string, string>;
  data: string;
}

/** The commands that the runner knows; anything else of that shape is plain text. */
const KNOWN = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

const DATA_ESCAPES: Record<string, string> = { '%25': '%', '%0D': '\r', '%0A': '\n' };
const PROPERTY_ESCAPES: Record<string, string> = { ...DATA_ESCAPES, '%3A': ':', '%2C': ',' };
const OLD_ESCAPES: Record<string, string> = { ...DATA_ESCAPES, '%3B': ';', '%5D': ']' };

/** Whether the runner knows a command of this name; such a name cannot be a stop token. */
export function isKnownCommand(name: string): boolean {
  return KNOWN.has(name.toLowerCase());
}

/**
 * Reads a line as the runner does: `::name key=value,…::data` at its beginning, or the old form
 * `##[name key=value;…]data`, which counts anywhere in the line.
 * @param also one more name that counts, the token that ends stop-commands
 * @returns undefined for plain text
 */
export function parseCommand(line: string, also?: string): Command | undefined {
  return parseNew(line.trimStart(), also) ?? parseOld(line, also);
}

function parseNew(line: string, also: string | undefined): Command | undefined {
  const match = /^::(.*?)::(.*)$/s.exec(line);
  return match ? build(match[1] ?? '', match[2] ?? '', ',', PROPERTY_ESCAPES, DATA_ESCAPES, also) : undefined;
}

function parseOld(line: string, also: string | undefined): Command | undefined {
  const match = /##\[(.*?)\](.*)$/s.exec(line);
  return match ? build(match[1] ?? '', match[2] ?? '', ';', OLD_ESCAPES, OLD_ESCAPES, also) : undefined;
}

function build(
  info: string,
  data: string,
  separator: string,
  propertyEscapes: Record<string, string>,
  dataEscapes: Record<string, string>,
  also: string | undefined,
): Command | undefined {
  const space = info.indexOf(' ');
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase();
  if (!KNOWN.has(name) && name !== also?.toLowerCase()) return undefined;
  const properties: Record<string, string> = {};
  for (const pair of space < 0 ? [] : info.slice(space + 1).split(separator)) {
    const equals = pair.indexOf('=');
    if (equals > 0) {
      properties[pair.slice(0, equals).trim()] = decode(pair.slice(equals + 1), propertyEscapes);
    }
  }
  return { name, properties, data: decode(data, dataEscapes) };
}

function decode(text: string, escapes: Record<string, string>): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => escapes[code] ?? code);
}
