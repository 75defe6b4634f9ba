import type * as core from '@actions/core';
import { type AppKeyPair, AppSecretError, readAppSecret } from './cobo/app-key.ts';
import { ENVIRONMENTS, type EnvironmentName, isEnvironmentName } from './cobo/environments.ts';
import { ActionError, inputError } from './errors.ts';
import { readStores, type Store, StoreGrammarError } from './github/grammar.ts';
import {
  checkedUrl,
  missing,
  optional,
  type Read,
  readFlag,
  readIdentifier,
  readNumber,
  readSecretName,
  readTime,
  readToken,
  readUrl,
  readVariableName,
  WHY_EMPTY,
} from './input-values.ts';
import type { Masks } from './masks.ts';
import { isHex } from './text.ts';

/** Everything that the workflow asks for, checked. */
export interface Inputs {
  keys: AppKeyPair;
  clientId: string;
  refreshToken: string | undefined;
  orgId: string | undefined;
  recoveryEnvelope: string | undefined;
  cobo: CoboTarget;
  /** `undefined` when nothing is written back. */
  writeBack: WriteBack | undefined;
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
  /** Whether `api-url` replaces the environment's. */
  isCustom: boolean;
  /** 64 hex characters. */
  responseKey: string;
}

/** What is written back, and where. Names are in upper case, as GitHub keeps them. */
export interface WriteBack {
  token: string;
  /** Without a slash at its end. */
  apiUrl: string;
  stores: Store[];
  refreshTokenSecret: string | undefined;
  accessTokenSecret: string | undefined;
  expiresAtVariable: string | undefined;
  /** The first of these targets: in-flight records are named after it. */
  firstTarget: string;
}

export interface StoredAccessToken {
  accessToken: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Seconds that must be left for it to be handed out again. */
  minValidity: number;
}

/**
 * Reads and checks every input. All secrets are masked before the first check, so that no error can come
 * before its mask.
 * @param env for `GITHUB_REPOSITORY` and `GITHUB_API_URL`
 * @throws ActionError that names the input and never repeats its value
 */
export function readInputs(
  toolkit: Pick<typeof core, 'getInput'>,
  masks: Masks,
  env: NodeJS.ProcessEnv,
): Inputs {
  const read: Read = (name) => toolkit.getInput(name);
  const keys = readKeys(toolkit.getInput('private-key', { trimWhitespace: false }), masks);
  for (const name of ['refresh-token', 'github-token', 'access-token']) {
    masks.add(toolkit.getInput(name, { trimWhitespace: false }));
  }
  if (keys instanceof ActionError) throw keys;
  const clientId = readIdentifier(read, 'client-id');
  if (clientId === undefined) {
    throw missing(
      'client-id',
      `It is the Portal App's client ID, as Cobo Portal shows it. Check its name. ${WHY_EMPTY}`,
    );
  }
  const orgId = readIdentifier(read, 'org-id');
  const refreshToken = readToken(read, 'refresh-token');
  const recoveryEnvelope = optional(read('recovery-envelope'));
  if (refreshToken === undefined && orgId === undefined && recoveryEnvelope === undefined) {
    throw missing(
      'refresh-token',
      `Check the name of the secret. ${WHY_EMPTY} Without a refresh token, \`org-id\` is required.`,
    );
  }
  return {
    keys,
    clientId,
    refreshToken,
    orgId,
    recoveryEnvelope,
    cobo: readCobo(read),
    writeBack: readWriteBack(read, env),
    accessTokenEnv: readVariableName(read, 'access-token-env'),
    stored: readStored(read),
    dryRun: readFlag(read, 'dry-run'),
    timeoutMs: readNumber(read, 'timeout-seconds', 30, 1, 600) * 1000,
    maxAttempts: readNumber(read, 'max-attempts', 4, 1, 20),
  };
}

/**
 * Masks the key in every form in which it could be printed, and reads it. An error is returned, to be thrown
 * when all other secrets are masked.
 */
function readKeys(given: string, masks: Masks): AppKeyPair | ActionError {
  masks.add(given);
  const digits = given.trim();
  if (digits === '') return missing('private-key', `Check the name of the secret. ${WHY_EMPTY}`);
  // A secret and a public key in one: only the first half is the secret.
  if (isHex(digits, 128)) maskHex(digits.slice(0, 64), masks);
  if (isHex(digits)) maskHex(digits, masks);
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

function readCobo(read: Read): CoboTarget {
  const environment = read('cobo-environment') || 'prod';
  if (!isEnvironmentName(environment)) {
    throw inputError(
      'cobo-environment',
      'must be `prod`, `dev` or `sandbox`',
      'Use one of the three, in lower case.',
    );
  }
  const own = ENVIRONMENTS[environment];
  const responseKey = optional(read('response-public-key')) ?? own.responseKey;
  if (!isHex(responseKey, 64)) {
    throw inputError(
      'response-public-key',
      'must be 64 hexadecimal characters',
      "Leave it out to use the environment's own key.",
    );
  }
  const apiUrl = readUrl(read, 'api-url');
  return { environment, apiUrl: apiUrl ?? own.apiUrl, isCustom: apiUrl !== undefined, responseKey };
}

function readStored(read: Read): StoredAccessToken | undefined {
  const accessToken = readToken(read, 'access-token');
  const expiry = optional(read('expires-at'));
  const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
  const expiresAt = expiry === undefined ? undefined : readTime('expires-at', expiry);
  return accessToken === undefined || expiresAt === undefined
    ? undefined
    : { accessToken, expiresAt, minValidity };
}

/** `undefined` when nothing is to be written. */
function readWriteBack(read: Read, env: NodeJS.ProcessEnv): WriteBack | undefined {
  const refreshTokenSecret = readSecretName(read, 'refresh-token-secret');
  const accessTokenSecret = readSecretName(read, 'access-token-secret');
  const expiresAtVariable = readSecretName(read, 'expires-at-variable');
  const firstTarget = refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable;
  const token = readToken(read, 'github-token');
  const stores = readStoresInput(read, env.GITHUB_REPOSITORY, firstTarget !== undefined);
  const apiUrl = readUrl(read, 'github-api-url');
  if (firstTarget === undefined || stores === undefined) return undefined;
  if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
    throw inputError(
      'access-token-secret',
      'names the same secret as `refresh-token-secret`',
      'Use another name.',
    );
  }
  refuseRecordNames({
    'refresh-token-secret': refreshTokenSecret,
    'access-token-secret': accessTokenSecret,
    'expires-at-variable': expiresAtVariable,
  });
  if (token === undefined) {
    throw missing(
      'github-token',
      `It is required to write secrets or variables. Use a fine-grained personal access token or a GitHub App token; the workflow's own \`GITHUB_TOKEN\` cannot write secrets. ${WHY_EMPTY}`,
    );
  }
  if (/\s|[^\x20-\x7e]/.test(token)) {
    throw inputError(
      'github-token',
      'must not contain blanks or special characters',
      'Store it again, without line breaks.',
    );
  }
  return {
    token,
    apiUrl: apiUrl ?? checkedUrl(env.GITHUB_API_URL || 'https://api.github.com', 'github-api-url'),
    stores,
    refreshTokenSecret,
    accessTokenSecret,
    expiresAtVariable,
    firstTarget,
  };
}

/** In-flight records are created and deleted: no other target may be taken for one. */
function refuseRecordNames(targets: Record<string, string | undefined>): void {
  const names = Object.values(targets).filter((name) => name !== undefined);
  for (const [input, name] of Object.entries(targets)) {
    if (name === undefined || !names.some((other) => name.startsWith(`${other}_IN_FLIGHT_`))) continue;
    throw inputError(input, 'begins like an in-flight record of another target', 'Use another name.');
  }
}

function readStoresInput(read: Read, repository: string | undefined, needed: boolean): Store[] | undefined {
  const text = read('secret-stores');
  if (!needed && (text === '' || text === 'repository')) return undefined;
  try {
    return readStores(text || 'repository', repository);
  } catch (error) {
    if (!(error instanceof StoreGrammarError)) throw error;
    throw inputError(
      'secret-stores',
      `is invalid: ${error.message}`,
      'Write one store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.',
    );
  }
}
