import type * as core from '@actions/core';
import { type AppKeyPair, AppSecretError, readAppSecret } from './cobo/app-key.ts';
import { ENVIRONMENTS, type EnvironmentName, isEnvironmentName } from './cobo/environments.ts';
import { ActionError, inputError } from './errors.ts';
import {
  FORKS,
  missing,
  optional,
  type Read,
  readFlag,
  readIdentifier,
  readNumber,
  readTime,
  readUrl,
  readVariableName,
} from './input-values.ts';
import type { Masks } from './masks.ts';
import { isHex } from './text.ts';
import { type InputSurroundings, readWriteBack, type WriteBackInputs } from './write-back-inputs.ts';

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
      'is none of `prod`, `dev`, `sandbox`',
      'Give one of the three, in lower case.',
    );
  }
  const own = ENVIRONMENTS[environment];
  const responseKey = optional(read('response-public-key')) ?? own.responseKey;
  if (!isHex(responseKey, 64)) {
    throw inputError(
      'response-public-key',
      'is not 64 hexadecimal characters',
      "Leave it out to use the environment's own key.",
    );
  }
  return { environment, apiUrl: readUrl(read, 'api-url') ?? own.apiUrl, responseKey };
}

function readStored(read: Read): StoredAccessToken | undefined {
  const accessToken = optional(read('access-token'));
  const expiry = optional(read('expires-at'));
  const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
  const expiresAt = expiry === undefined ? undefined : readTime('expires-at', expiry);
  return accessToken === undefined || expiresAt === undefined
    ? undefined
    : { accessToken, expiresAt, minValidity };
}
