import { ActionError } from './errors.ts';
import { SHORTEST_SECRET } from './text.ts';

/** Gives an input, trimmed, when it is of these kinds; `undefined` when it is empty. */
export type Read = (name: string, ...kinds: Kind[]) => string | undefined;

/** A kind of text: its shape, and what to say of a text that has another one. */
export interface Kind {
  shape: RegExp;
  problem: string;
  remedy: string;
}

/** An ID of Cobo's. */
export const ID: Kind = {
  shape: /^[\x21-\x7e]{1,256}$/,
  problem: 'must be at most 256 ASCII characters without blanks',
  remedy: 'Copy the ID from Cobo Portal.',
};

/** A token that is long enough to be one, and to be masked. */
export const TOKEN: Kind = {
  shape: new RegExp(`^.{${SHORTEST_SECRET},}$`, 's'),
  problem: 'is too short to be a token',
  remedy: 'Store the token itself in the secret.',
};

/** What HTTP can carry in a header. */
export const HEADER: Kind = {
  shape: /^[\x21-\x7e]+$/,
  problem: 'must not contain blanks or special characters',
  remedy: 'Store it again, without line breaks.',
};

/** The public key that verifies Cobo's answers. */
export const PUBLIC_KEY: Kind = {
  shape: /^[0-9a-f]{64}$/i,
  problem: 'must be 64 hexadecimal characters',
  remedy: "Leave it out to use the environment's own key.",
};

/** The name of a secret or an Actions variable. */
export const SECRET_NAME: Kind = {
  shape: /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,199}$/i,
  problem: 'is not a valid name for a secret or variable',
  remedy: 'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
};

/** The name of an environment variable that neither the runner nor Node takes for its own. */
export const VARIABLE_NAME: Kind = {
  shape: /^(?!GITHUB_|RUNNER_|ACTIONS_|INPUT_|(NODE_OPTIONS|PATH|HOME|CI)$)[A-Z_][A-Z0-9_]{0,199}$/i,
  problem: 'is not a valid name for an environment variable',
  remedy: 'Use letters, digits and `_`, and no name that the runner uses itself.',
};

/** A boolean as YAML 1.2 writes it. */
const FLAG: Kind = {
  shape: /^(true|True|TRUE|false|False|FALSE)$/,
  problem: 'must be `true` or `false`',
  remedy: 'Use one of the two.',
};

/** The usual reasons why a secret or variable is empty, the most common first. */
export const WHY_EMPTY =
  'A secret or variable is empty when the job does not name the environment that holds it (`environment:`), when its name is misspelled, and in runs from forks or started by Dependabot.';

/** A required input that is empty. */
export function missing(name: string, remedy: string): ActionError {
  return new ActionError('input-missing', `The input \`${name}\` is empty.`, remedy);
}

/** An input that is invalid. The message names the input and must not repeat its value. */
export function invalid(name: string, problem: string, remedy: string): ActionError {
  return new ActionError('input-invalid', `The input \`${name}\` ${problem}.`, remedy);
}

/** @param getInput gives an input trimmed, one that was not given as an empty text */
export function reader(getInput: (name: string) => string): Read {
  return (name, ...kinds) => {
    const text = getInput(name);
    if (text === '') return undefined;
    for (const { shape, problem, remedy } of kinds) {
      if (!shape.test(text)) throw invalid(name, problem, remedy);
    }
    return text;
  };
}

/** Empty is false. */
export function readFlag(read: Read, name: string): boolean {
  return read(name, FLAG)?.toLowerCase() === 'true';
}

/** A whole number from `least` to `most`, or `otherwise` when the input is empty. */
export function readNumber(read: Read, name: string, otherwise: number, least: number, most: number): number {
  const text = read(name);
  if (text === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalid(name, `must be a whole number from ${least} to ${most}`, `Leave it out to use ${otherwise}.`);
}

/** ISO 8601 with its zone; milliseconds since 1970. */
export function readTime(read: Read, name: string): number | undefined {
  const text = read(name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw invalid(
    name,
    'must be a time in ISO 8601 with its time zone',
    'Use the output `expires-at` of an earlier run, such as `2026-01-31T12:00:00Z`, or leave it empty.',
  );
}

/** A base URL, without a slash at its end; `otherwise`, which may come from outside too, when the input is empty. */
export function readUrl(read: Read, name: string, otherwise: string): string {
  const text = read(name) ?? otherwise;
  // The parser drops or encodes what is no printable ASCII.
  const url = /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    throw invalid(name, 'is not a URL', 'Use a complete URL that begins with `https://`.');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(name, 'must not contain a user name or password', 'Remove them.');
  }
  if (/[?#]/.test(text)) {
    throw invalid(name, 'must not have a query or a fragment', 'Use the base URL only.');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalid(name, 'must use `https:`', 'Only a loopback host may be called with `http:`.');
  }
  return url.href.replace(/\/+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
