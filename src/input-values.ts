import { ActionError, inputError } from './errors.ts';
import { SHORTEST_SECRET } from './masks.ts';
import { hasControls } from './text.ts';

/** Gives an input by its name, trimmed; one that was not given is empty. */
export type Read = (name: string) => string;

/** The usual reasons why a secret or variable is empty, the most common first. */
export const WHY_EMPTY =
  'A secret or variable is empty when the job does not name the environment that holds it (`environment:`), when its name is misspelled, and in runs from forks or started by Dependabot.';

/** An ID of Cobo's: ASCII without blanks. */
export function readIdentifier(read: Read, name: string): string | undefined {
  const value = optional(read(name));
  if (value !== undefined && !/^[\x21-\x7e]{1,256}$/.test(value)) {
    throw inputError(
      name,
      'must be at most 256 ASCII characters without blanks',
      'Copy the ID from Cobo Portal.',
    );
  }
  return value;
}

/** A base URL, without a slash at its end. */
export function readUrl(read: Read, name: string): string | undefined {
  const text = optional(read(name));
  return text === undefined ? undefined : checkedUrl(text, name);
}

/** The same for a text that may come from elsewhere than the input of that name. */
export function checkedUrl(text: string, name: string): string {
  // The parser drops tabs and line breaks wherever they are.
  const url = URL.canParse(text) && !/\s/.test(text) && !hasControls(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw inputError(name, 'is not a URL', 'Use a complete URL that begins with `https://`.');
  if (url.username !== '' || url.password !== '') {
    throw inputError(name, 'must not contain a user name or password', 'Remove them.');
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw inputError(name, 'must not have a query or a fragment', 'Use the base URL only.');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw inputError(name, 'must use `https:`', 'Only a loopback host may be called with `http:`.');
  }
  return url.href.replace(/\/+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The name of a secret or an Actions variable, in upper case as GitHub keeps it. */
export function readSecretName(read: Read, name: string): string | undefined {
  const value = optional(read(name))?.toUpperCase();
  if (value !== undefined && (!/^[A-Z_][A-Z0-9_]{0,199}$/.test(value) || value.startsWith('GITHUB_'))) {
    throw inputError(
      name,
      'is not a valid name for a secret or variable',
      'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
    );
  }
  return value;
}

/** Names that the runner or Node would take for their own. */
const RESERVED = /^(GITHUB_|RUNNER_|ACTIONS_|INPUT_|NODE_OPTIONS$|PATH$|HOME$|CI$)/i;

/** The name of an environment variable of the job. */
export function readVariableName(read: Read, name: string): string | undefined {
  const value = optional(read(name));
  if (value !== undefined && (!/^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(value) || RESERVED.test(value))) {
    throw inputError(
      name,
      'is not a valid name for an environment variable',
      'Use letters, digits and `_`, and no name that the runner uses itself.',
    );
  }
  return value;
}

/** ISO 8601 with its zone; milliseconds since 1970. */
export function readTime(name: string, text: string): number {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
  // Date.parse turns 30 February into 2 March.
  const day = text.slice(0, 10);
  const exists = shape.test(text) && isDay(day);
  const time = exists ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw inputError(
      name,
      'must be a time in ISO 8601 with its time zone',
      'Use the output `expires-at` of an earlier run, such as `2026-01-31T12:00:00Z`, or leave it empty.',
    );
  }
  return time;
}

function isDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** A boolean as YAML 1.2 writes it; empty is false. */
export function readFlag(read: Read, name: string): boolean {
  const value = read(name);
  if (/^(true|True|TRUE)$/.test(value)) return true;
  if (/^(|false|False|FALSE)$/.test(value)) return false;
  throw inputError(name, 'must be `true` or `false`', 'Use one of the two.');
}

/** A whole number from `least` to `most`, or `otherwise` when the input is empty. */
export function readNumber(read: Read, name: string, otherwise: number, least: number, most: number): number {
  const text = read(name);
  if (text === '') return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw inputError(
      name,
      `must be a whole number from ${least} to ${most}`,
      `Leave it out to use ${otherwise}.`,
    );
  }
  return value;
}

/** Empty means not given. */
export function optional(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** A token, trimmed, that is long enough to be one. */
export function readToken(read: Read, name: string): string | undefined {
  const value = optional(read(name));
  if (value !== undefined && value.length < SHORTEST_SECRET) {
    throw inputError(name, 'is too short to be a token', 'Store the token itself in the secret.');
  }
  return value;
}

/** A required input that is empty. */
export function missing(name: string, remedy: string): ActionError {
  return new ActionError('input-missing', `The input \`${name}\` is empty.`, remedy);
}
