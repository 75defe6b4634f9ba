import type * as core from '@actions/core';
import { ENVIRONMENTS, type EnvironmentName, isEnvironmentName } from './cobo/api.ts';
import { type AppKeyPair, readAppSecret } from './cobo/app-key.ts';
import { ActionError } from './errors.ts';
import { readStores, type Store } from './github/grammar.ts';
import {
  HEADER,
  ID,
  invalid,
  missing,
  PUBLIC_KEY,
  type Read,
  reader,
  readFlag,
  readNumber,
  readTime,
  readUrl,
  SECRET_NAME,
  TOKEN,
  VARIABLE_NAME,
  WHY_EMPTY,
} from './input-values.ts';
import { isHex, type Masks } from './text.ts';

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
export function readInputs(toolkit: Pick<typeof core, 'getInput'>, masks: Masks, env: NodeJS.ProcessEnv): Inputs {
  const read = reader((name) => toolkit.getInput(name));
  const keys = readKeys(toolkit.getInput('private-key', { trimWhitespace: false }), masks);
  for (const name of ['refresh-token', 'github-token', 'access-token']) {
    masks.add(toolkit.getInput(name, { trimWhitespace: false }));
  }
  if (keys instanceof ActionError) throw keys;
  const clientId = read('client-id', ID);
  if (clientId === undefined) {
    throw missing(
      'client-id',
      `It is the Portal App's client ID, as Cobo Portal shows it. Check its name. ${WHY_EMPTY}`,
    );
  }
  const orgId = read('org-id', ID);
  const refreshToken = read('refresh-token', TOKEN);
  const recoveryEnvelope = read('recovery-envelope');
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
    accessTokenEnv: read('access-token-env', VARIABLE_NAME),
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
    if (error instanceof ActionError) return error;
    throw error;
  }
}

function maskHex(hex: string, masks: Masks): void {
  masks.add(hex.toLowerCase());
  masks.add(hex.toUpperCase());
}

function readCobo(read: Read): CoboTarget {
  const environment = read('cobo-environment') ?? 'prod';
  if (!isEnvironmentName(environment)) {
    throw invalid('cobo-environment', 'must be `prod`, `dev` or `sandbox`', 'Use one of the three, in lower case.');
  }
  const own = ENVIRONMENTS[environment];
  return {
    environment,
    apiUrl: readUrl(read, 'api-url', own.apiUrl),
    isCustom: read('api-url') !== undefined,
    responseKey: read('response-public-key', PUBLIC_KEY) ?? own.responseKey,
  };
}

function readStored(read: Read): StoredAccessToken | undefined {
  const accessToken = read('access-token', TOKEN);
  const expiresAt = readTime(read, 'expires-at');
  const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
  return accessToken === undefined || expiresAt === undefined ? undefined : { accessToken, expiresAt, minValidity };
}

/** `undefined` when nothing is to be written. */
function readWriteBack(read: Read, env: NodeJS.ProcessEnv): WriteBack | undefined {
  const refreshTokenSecret = readTarget(read, 'refresh-token-secret');
  const accessTokenSecret = readTarget(read, 'access-token-secret');
  const expiresAtVariable = readTarget(read, 'expires-at-variable');
  const token = read('github-token', TOKEN, HEADER);
  const apiUrl = readUrl(read, 'github-api-url', env.GITHUB_API_URL || 'https://api.github.com');
  const stores = readStores(read('secret-stores') ?? 'repository', env.GITHUB_REPOSITORY);
  if ((refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable) === undefined) return undefined;
  if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
    throw invalid('access-token-secret', 'names the same secret as `refresh-token-secret`', 'Use another name.');
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
  return { token, apiUrl, stores, refreshTokenSecret, accessTokenSecret, expiresAtVariable };
}

function readTarget(read: Read, name: string): string | undefined {
  return read(name, SECRET_NAME)?.toUpperCase();
}

/** In-flight records are created and deleted: no other target may be taken for one. */
function refuseRecordNames(targets: Record<string, string | undefined>): void {
  const names = Object.values(targets).filter((name) => name !== undefined);
  for (const [input, name] of Object.entries(targets)) {
    if (!names.some((other) => name?.startsWith(`${other}_IN_FLIGHT_`))) continue;
    throw invalid(input, 'begins like an in-flight record of another target', 'Use another name.');
  }
}
