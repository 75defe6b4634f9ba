import type * as core from '@actions/core';
import { ENVIRONMENTS, isEnvironmentName } from './cobo/api.ts';
import { type AppKeyPair, readAppSecret } from './cobo/app-key.ts';
import { ActionError } from './errors.ts';
import { readStores } from './github/grammar.ts';
import { isHex, type Masks, SHORTEST_SECRET } from './text.ts';

/** Everything that the workflow asks for, checked. */
export type Inputs = ReturnType<typeof readInputs>;
/** What is written back, and where. Names are in upper case, as GitHub keeps them. */
export type WriteBack = NonNullable<Inputs['writeBack']>;

/** Gives an input, trimmed, when it is of these kinds; `undefined` when it is empty. */
type Read = (name: string, ...kinds: Kind[]) => string | undefined;

/** A kind of text: its shape, and what to say of a text that has another one. */
type Kind = readonly [shape: RegExp, problem: string, remedy: string];

const LONG_ENOUGH = new RegExp(`^.{${SHORTEST_SECRET},}$`, 's');

/** A boolean is as YAML 1.2 writes it, and a variable has no name that the runner or Node takes for its own. */
const KINDS = {
  id: [/^[\x21-\x7e]{1,256}$/, 'must be at most 256 ASCII characters without blanks', 'Copy the ID from Cobo Portal.'],
  token: [LONG_ENOUGH, 'is too short to be a token', 'Store the token itself in the secret.'],
  header: [/^[\x21-\x7e]+$/, 'must not contain blanks or special characters', 'Store it again, without line breaks.'],
  publicKey: [/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal characters', "Leave it out to use the environment's own key."],
  boolean: [/^(true|True|TRUE|false|False|FALSE)$/, 'must be `true` or `false`', 'Use one of the two.'],
  secret: [
    /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,199}$/i,
    'is not a valid name for a secret or variable',
    'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
  ],
  variable: [
    /^(?!GITHUB_|RUNNER_|ACTIONS_|INPUT_|(NODE_OPTIONS|PATH|HOME|CI)$)[A-Z_][A-Z0-9_]{0,199}$/i,
    'is not a valid name for an environment variable',
    'Use letters, digits and `_`, and no name that the runner uses itself.',
  ],
} as const satisfies Record<string, Kind>;

/**
 * Reads and checks every input. All secrets are masked before the first check, so that no error can come
 * before its mask.
 * @param env for `GITHUB_REPOSITORY` and `GITHUB_API_URL`
 * @throws ActionError that names the input and never repeats its value
 */
export function readInputs(toolkit: Pick<typeof core, 'getInput'>, masks: Masks, env: NodeJS.ProcessEnv) {
  const whole = (name: string) => toolkit.getInput(name, { trimWhitespace: false });
  const key = whole('private-key');
  // The line breaks of a PEM may have become blanks.
  masks.add(key, ...formsOf(key.trim()), ...(key.match(/[A-Za-z0-9+/=]{40,}/g) ?? []));
  masks.add(...['refresh-token', 'github-token', 'access-token'].map(whole));
  const read: Read = (name, ...kinds) => {
    const text = toolkit.getInput(name);
    if (text === '') return undefined;
    for (const [shape, problem, remedy] of kinds) if (!shape.test(text)) throw invalid(name, problem, remedy);
    return text;
  };
  const keys = readKeys(read, masks);
  const clientId = read('client-id', KINDS.id);
  if (clientId === undefined) {
    throw missing('client-id', "It is the Portal App's client ID, as Cobo Portal shows it. Check its name.");
  }
  const orgId = read('org-id', KINDS.id);
  const refreshToken = read('refresh-token', KINDS.token);
  const recoveryEnvelope = read('recovery-envelope');
  if ((refreshToken ?? orgId ?? recoveryEnvelope) === undefined) {
    throw missing('refresh-token', 'Check the name of the secret.', ' Without a refresh token, `org-id` is required.');
  }
  return {
    keys,
    clientId,
    refreshToken,
    orgId,
    recoveryEnvelope,
    cobo: readCobo(read),
    /** `undefined` when nothing is written back. */
    writeBack: readWriteBack(read, env),
    accessTokenEnv: read('access-token-env', KINDS.variable),
    /** A stored access token whose expiry is known. */
    stored: readStored(read),
    dryRun: read('dry-run', KINDS.boolean)?.toLowerCase() === 'true',
    timeoutMs: readNumber(read, 'timeout-seconds', 30, 1, 600) * 1000,
    maxAttempts: readNumber(read, 'max-attempts', 4, 1, 20),
  };
}

/** A hexadecimal key in every form in which it could be printed: also its first half, if a public key follows it. */
function formsOf(key: string): string[] {
  const keys = isHex(key) ? [key, key.slice(0, 64)] : [];
  return keys.flatMap((hex) => [hex.toLowerCase(), hex.toUpperCase()]);
}

function readKeys(read: Read, masks: Masks): AppKeyPair {
  const text = read('private-key');
  if (text === undefined) throw missing('private-key', 'Check the name of the secret.');
  const keys = readAppSecret(text);
  masks.add(...formsOf(Buffer.from(keys.appSecret).toString('hex')));
  return keys;
}

function readCobo(read: Read) {
  const environment = read('cobo-environment') ?? 'prod';
  if (!isEnvironmentName(environment)) {
    throw invalid('cobo-environment', 'must be `prod`, `dev` or `sandbox`', 'Use one of the three, in lower case.');
  }
  const own = ENVIRONMENTS[environment];
  return {
    environment,
    /** With `/v2`, without a slash at its end. */
    apiUrl: readUrl(read, 'api-url', own.apiUrl),
    /** Whether `api-url` replaces the environment's. */
    isCustom: read('api-url') !== undefined,
    /** 64 hex characters. */
    responseKey: read('response-public-key', KINDS.publicKey) ?? own.responseKey,
  };
}

/** `expiresAt` is in milliseconds since 1970, `minValidity` the seconds that must be left to hand it out again. */
function readStored(read: Read) {
  const accessToken = read('access-token', KINDS.token);
  const expiresAt = readTime(read, 'expires-at');
  const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
  return accessToken === undefined || expiresAt === undefined ? undefined : { accessToken, expiresAt, minValidity };
}

function readWriteBack(read: Read, env: NodeJS.ProcessEnv) {
  const target = (name: string) => read(name, KINDS.secret)?.toUpperCase();
  const refreshTokenSecret = target('refresh-token-secret');
  const accessTokenSecret = target('access-token-secret');
  const expiresAtVariable = target('expires-at-variable');
  const token = read('github-token', KINDS.token, KINDS.header);
  const stores = readStores(read('secret-stores') ?? 'repository', env.GITHUB_REPOSITORY);
  const names = [refreshTokenSecret, accessTokenSecret, expiresAtVariable].filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  // Elsewhere than at GitHub it may use `http:`, and does not matter before.
  const apiUrl = readUrl(read, 'github-api-url', env.GITHUB_API_URL || 'https://api.github.com');
  if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
    throw invalid('access-token-secret', 'names the same secret as `refresh-token-secret`', 'Use another name.');
  }
  for (const input of ['refresh-token-secret', 'access-token-secret', 'expires-at-variable']) {
    // In-flight records are created and deleted: no other target may be taken for one.
    const isRecord = names.some((other) => target(input)?.startsWith(`${other}_IN_FLIGHT_`));
    if (isRecord) throw invalid(input, 'begins like an in-flight record of another target', 'Use another name.');
  }
  if (token === undefined) {
    throw missing(
      'github-token',
      "It is required to write secrets or variables. Use a fine-grained personal access token or a GitHub App token; the workflow's own `GITHUB_TOKEN` cannot write secrets.",
    );
  }
  return { token, apiUrl, stores, refreshTokenSecret, accessTokenSecret, expiresAtVariable };
}

/** A whole number from `least` to `most`, or `otherwise` when the input is empty. */
function readNumber(read: Read, name: string, otherwise: number, least: number, most: number): number {
  const text = read(name) ?? `${otherwise}`;
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw invalid(name, `must be a whole number from ${least} to ${most}`, `Leave it out to use ${otherwise}.`);
}

/** ISO 8601 with its zone; milliseconds since 1970. */
function readTime(read: Read, name: string): number | undefined {
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
function readUrl(read: Read, name: string, otherwise: string): string {
  const text = read(name) ?? otherwise;
  // The parser drops or encodes what is no printable ASCII.
  const url = /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw invalid(name, 'is not a URL', 'Use a complete URL that begins with `https://`.');
  const user = url.username + url.password;
  if (user !== '') throw invalid(name, 'must not contain a user name or password', 'Remove them.');
  if (/[?#]/.test(text)) throw invalid(name, 'must not have a query or a fragment', 'Use the base URL only.');
  const isLoopback = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw invalid(name, 'must use `https:`', 'Only a loopback host may be called with `http:`.');
  }
  return url.href.replace(/\/+$/, '');
}

/** A required input that is empty, with the usual reasons for it, the most common first. */
function missing(name: string, hint: string, addition = ''): ActionError {
  const why =
    'A secret or variable is empty when the job does not name the environment that holds it (`environment:`), when its name is misspelled, and in runs from forks or started by Dependabot.';
  return new ActionError('input-missing', `The input \`${name}\` is empty.`, `${hint} ${why}${addition}`);
}

/** An input that is invalid. The message names the input and must not repeat its value. */
function invalid(name: string, problem: string, remedy: string): ActionError {
  return new ActionError('input-invalid', `The input \`${name}\` ${problem}.`, remedy);
}
