import { ActionError, inputError } from './errors.ts';
import { hasControls } from './text.ts';

/** Gives an input by its name, trimmed; one that was not given is empty. */
export type Read = (name: string) => string;

/** The usual reason why a secret is empty. */
export const FORKS =
  'GitHub leaves secrets empty in runs from forks, in runs that Dependabot starts (which have secrets of their own), and where the name is misspelt.';

/** An ID of Cobo's: ASCII without blanks. */
export function readIdentifier(read: Read, name: string): string | undefined {
  const value = optional(read(name));
  if (value !== undefined && !/^[\x21-\x7e]{1,256}$/.test(value)) {
    throw inputError(
      name,
      'has blanks, other characters than ASCII, or more than 256 of them',
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
    throw inputError(name, 'is not a URL', 'Give a whole URL that begins with `https://`.');
  if (url.username !== '' || url.password !== '') {
    throw inputError(name, 'carries a user name or password', 'Leave them out.');
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw inputError(name, 'has a query or a fragment', 'Give the base URL alone.');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw inputError(name, 'does not use `https:`', 'Only a loopback host may be called without it.');
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
      'is no name that GitHub takes',
      'Letters, digits and `_` alone, not beginning with a digit or `GITHUB_`.',
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
      'is no name for an environment variable of a job',
      'Letters, digits and `_` alone, and none that the runner uses itself.',
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
      'is not a time in ISO 8601 with its zone',
      'Give it as this action put it out, such as `2026-01-31T12:00:00Z`, or leave it empty.',
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
  throw inputError(name, 'is neither `true` nor `false`', 'Give one of the two.');
}

/** A whole number from `least` to `most`, or `otherwise` when the input is empty. */
export function readNumber(read: Read, name: string, otherwise: number, least: number, most: number): number {
  const text = read(name);
  if (text === '') return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw inputError(
      name,
      `is not a whole number from ${least} to ${most}`,
      `Leave it out for ${otherwise}.`,
    );
  }
  return value;
}

/** Empty means not given. */
export function optional(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** An input that is needed and empty. */
export function missing(name: string, remedy: string): ActionError {
  return new ActionError('input-missing', `The input \`${name}\` is empty.`, remedy);
}
