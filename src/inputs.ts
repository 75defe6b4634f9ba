import type * as core from '@actions/core';
import { type AppKeyPair, AppSecretError, readAppSecret } from './cobo/app-key.ts';
import { ENVIRONMENTS, type EnvironmentName, isEnvironmentName } from './cobo/environments.ts';
import { ActionError, inputError } from './errors.ts';
import { probeName } from './github/probe-name.ts';
import { readStores, type Store, StoreGrammarError } from './github/stores.ts';
import type { Masks } from './masks.ts';

/** Everything that the workflow asks for, checked. */
export interface Inputs {
  keys: AppKeyPair;
  clientId: string;
  refreshToken: string | undefined;
  orgId: string | undefined;
  recoveryEnvelope: string | undefined;
  cobo: CoboTarget;
  /** `undefined` when nothing is written back. */
  writeBack: WriteBackInputs | undefined;
  accessTokenEnv: string | undefined;
  /** A stored access token whose expiry is known. */
  stored: StoredAccessToken | undefined;
  dryRun: boolean;
  timeoutMs: number;
  maxAttempts: number;
}

export interface CoboTarget {
  environment: EnvironmentName;
  /** With `/v2`, without a slash at its end. */
  apiUrl: string;
  /** 64 hex characters. */
  responseKey: string;
}

export interface WriteBackInputs {
  token: string;
  /** Without a slash at its end. */
  apiUrl: string;
  stores: Store[];
  /** In upper case, as GitHub keeps them. */
  refreshTokenSecret: string | undefined;
  accessTokenSecret: string | undefined;
  expiresAtVariable: string | undefined;
}

export interface StoredAccessToken {
  accessToken: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Seconds that must be left for it to be handed out again. */
  minValidity: number;
}

/** What the runner tells beside the inputs. */
export interface InputSurroundings {
  /** `owner/name`. */
  repository: string | undefined;
  /** The REST API that the runner names. */
  apiUrl: string;
}

type Read = (name: string) => string;

const FORKS =
  'GitHub leaves secrets empty in runs from forks, in runs that Dependabot starts (which have secrets of their own), and where the name is misspelt.';

/**
 * Reads and checks every input. All secrets are masked before the first check, so that no error can come
 * before its mask.
 * @throws ActionError that names the input and never repeats its value
 */
export function readInputs(
  toolkit: Pick<typeof core, 'getInput'>,
  masks: Masks,
  surroundings: InputSurroundings,
): Inputs {
  const read: Read = (name) => toolkit.getInput(name);
  const privateKey = toolkit.getInput('private-key', { trimWhitespace: false });
  const keys = readKeys(privateKey, masks);
  for (const name of ['refresh-token', 'github-token', 'access-token']) {
    masks.add(toolkit.getInput(name, { trimWhitespace: false }));
  }
  if (keys instanceof ActionError) throw keys;
  const clientId = readIdentifier(read, 'client-id');
  if (clientId === undefined) {
    throw missing('client-id', "Give the Portal App's client ID, as Cobo Portal shows it.");
  }
  const orgId = readIdentifier(read, 'org-id');
  const refreshToken = optional(read('refresh-token'));
  const recoveryEnvelope = optional(read('recovery-envelope'));
  if (refreshToken === undefined && orgId === undefined && recoveryEnvelope === undefined) {
    throw missing(
      'refresh-token',
      `Check the name of the secret. ${FORKS} Without a refresh token \`org-id\` is needed.`,
    );
  }
  return {
    keys,
    clientId,
    refreshToken,
    orgId,
    recoveryEnvelope,
    cobo: readCobo(read),
    writeBack: readWriteBack(read, surroundings),
    accessTokenEnv: readVariableName(read, 'access-token-env'),
    stored: readStored(read),
    dryRun: readFlag(read, 'dry-run'),
    timeoutMs: readNumber(read, 'timeout-seconds', 30, 1, 600) * 1000,
    maxAttempts: readNumber(read, 'max-attempts', 4, 1, 20),
  };
}

/**
 * Masks the key in every form in which it could come up, and reads it. What is wrong with it is returned,
 * to be thrown when all other secrets are masked.
 */
function readKeys(given: string, masks: Masks): AppKeyPair | ActionError {
  masks.add(given);
  const digits = given.trim();
  if (digits === '') return missing('private-key', `Check the name of the secret. ${FORKS}`);
  // A secret and a public key in one: the first half alone is the secret.
  if (/^[0-9a-f]{128}$/i.test(digits)) maskHex(digits.slice(0, 64), masks);
  if (/^[0-9a-f]+$/i.test(digits)) maskHex(digits, masks);
  try {
    const keys = readAppSecret(given);
    maskHex(Buffer.from(keys.appSecret).toString('hex'), masks);
    return keys;
  } catch (error) {
    if (error instanceof AppSecretError) return inputError('private-key', error.message, error.remedy);
    throw error;
  }
}

function maskHex(hex: string, masks: Masks): void {
  masks.add(hex.toLowerCase());
  masks.add(hex.toUpperCase());
}

function readIdentifier(read: Read, name: string): string | undefined {
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

function readCobo(read: Read): CoboTarget {
  const environment = read('cobo-environment') || 'prod';
  if (!isEnvironmentName(environment)) {
    throw inputError(
      'cobo-environment',
      'is none of `prod`, `dev`, `sandbox`',
      'Give one of the three, in lower case.',
    );
  }
  const own = ENVIRONMENTS[environment];
  const responseKey = optional(read('response-public-key')) ?? own.responseKey;
  if (!/^[0-9a-f]{64}$/i.test(responseKey)) {
    throw inputError(
      'response-public-key',
      'is not 64 hexadecimal characters',
      "Leave it out to use the environment's own key.",
    );
  }
  return { environment, apiUrl: readUrl(read, 'api-url') ?? own.apiUrl, responseKey };
}

function readUrl(read: Read, name: string): string | undefined {
  const text = optional(read(name));
  return text === undefined ? undefined : checkedUrl(text, name);
}

function checkedUrl(text: string, name: string): string {
  // The parser drops tabs and line breaks wherever they are.
  const url = URL.canParse(text) && !/[\s\p{C}]/u.test(text) ? new URL(text) : undefined;
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

function readWriteBack(read: Read, surroundings: InputSurroundings): WriteBackInputs | undefined {
  const refreshTokenSecret = readSecretName(read, 'refresh-token-secret');
  const accessTokenSecret = readSecretName(read, 'access-token-secret');
  const expiresAtVariable = readSecretName(read, 'expires-at-variable');
  const token = optional(read('github-token'));
  const stores = readStoresInput(
    read,
    surroundings.repository,
    refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable,
  );
  const apiUrl = readUrl(read, 'github-api-url');
  if (stores === undefined) return undefined;
  if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
    throw inputError(
      'access-token-secret',
      'names the same secret as `refresh-token-secret`',
      'Give each a name of its own.',
    );
  }
  if (accessTokenSecret === probeName(refreshTokenSecret ?? '')) {
    throw inputError(
      'access-token-secret',
      'is the name of the probe that is written and deleted',
      'Choose another.',
    );
  }
  if (token === undefined) {
    throw missing(
      'github-token',
      `It is needed to write secrets or variables: a fine-grained personal access token or a GitHub App token; the workflow's own \`GITHUB_TOKEN\` cannot write secrets. ${FORKS}`,
    );
  }
  if (/\s|[^\x20-\x7e]/.test(token)) {
    throw inputError(
      'github-token',
      'has blanks or characters that no token has',
      'Store it again, without line breaks.',
    );
  }
  return {
    token,
    apiUrl: apiUrl ?? checkedUrl(surroundings.apiUrl, 'github-api-url'),
    stores,
    refreshTokenSecret,
    accessTokenSecret,
    expiresAtVariable,
  };
}

function readStoresInput(
  read: Read,
  repository: string | undefined,
  target: string | undefined,
): Store[] | undefined {
  const text = read('secret-stores');
  if (target === undefined && (text === '' || text === 'repository')) return undefined;
  try {
    const stores = readStores(text || 'repository', repository);
    return target === undefined ? undefined : stores;
  } catch (error) {
    if (!(error instanceof StoreGrammarError)) throw error;
    throw inputError(
      'secret-stores',
      `is wrong: ${error.message}`,
      'One store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.',
    );
  }
}

function readSecretName(read: Read, name: string): string | undefined {
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

function readVariableName(read: Read, name: string): string | undefined {
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

function readStored(read: Read): StoredAccessToken | undefined {
  const accessToken = optional(read('access-token'));
  const expiry = optional(read('expires-at'));
  const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
  const expiresAt = expiry === undefined ? undefined : readTime(expiry);
  return accessToken === undefined || expiresAt === undefined
    ? undefined
    : { accessToken, expiresAt, minValidity };
}

function readTime(text: string): number {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
  // Date.parse turns 30 February into 2 March.
  const day = text.slice(0, 10);
  const exists = shape.test(text) && isDay(day);
  const time = exists ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw inputError(
      'expires-at',
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

function readFlag(read: Read, name: string): boolean {
  const value = read(name);
  if (/^(true|True|TRUE)$/.test(value)) return true;
  if (/^(|false|False|FALSE)$/.test(value)) return false;
  throw inputError(name, 'is neither `true` nor `false`', 'Give one of the two.');
}

function readNumber(read: Read, name: string, otherwise: number, least: number, most: number): number {
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

function optional(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function missing(name: string, remedy: string): ActionError {
  return new ActionError('input-missing', `The input \`${name}\` is empty.`, remedy);
}
