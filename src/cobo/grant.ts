import { field, parseJson } from '../text.ts';

/** The access token of an answer, all its fields checked. */
export interface AccessToken {
  accessToken: string;
  tokenType: string;
  /** Empty today. */
  scope: string;
  /** Seconds, a whole number above 0. */
  expiresIn: number;
}

/** What a 2XX answer of either operation carries. */
export interface Grant {
  /** The rotated refresh token; `undefined` when Cobo sent none, so that the old one stays valid. */
  refreshToken: string | undefined;
  /** `undefined` when `problem` says what is wrong with it. */
  access: AccessToken | undefined;
  problem: string | undefined;
}

/** Longer than anything that Cobo hands out: a year. Keeps `expires-at` a date that exists. */
const LONGEST_LIFE_S = 366 * 24 * 3600;

/**
 * Reads the body of a 2XX answer. The refresh token is read apart from the rest: it is worth keeping even
 * when another field is malformed. `problem` names the field and what is wrong, never a value.
 */
export function readGrant(body: Buffer): Grant {
  const json = parseJson(body.toString('utf8'));
  const refresh = readRefreshToken(json);
  const access = readAccess(json);
  const problem = refresh.problem ?? access.problem;
  return { refreshToken: refresh.token, access: problem ? undefined : access.token, problem };
}

function readRefreshToken(json: unknown): { token?: string; problem?: string } {
  const value = field(json, 'refresh_token');
  // An empty or null one means the same as none (RFC 6749, section 5.1: the field is optional).
  if (value === undefined || value === null || value === '') return {};
  if (typeof value !== 'string' || value.trim() === '') {
    return { problem: '`refresh_token` is not a string with something in it' };
  }
  return { token: value };
}

function readAccess(json: unknown): { token?: AccessToken; problem?: string } {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return { problem: 'it is not a JSON object' };
  const accessToken = field(json, 'access_token');
  const tokenType = field(json, 'token_type');
  const scope = field(json, 'scope') ?? '';
  const expiresIn = field(json, 'expires_in');
  if (typeof accessToken !== 'string' || accessToken.trim() === '') {
    return { problem: '`access_token` is not a string with something in it' };
  }
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    return { problem: '`token_type` is not `Bearer`' };
  }
  if (typeof scope !== 'string') return { problem: '`scope` is not a string' };
  if (
    typeof expiresIn !== 'number' ||
    !Number.isInteger(expiresIn) ||
    expiresIn <= 0 ||
    expiresIn > LONGEST_LIFE_S
  ) {
    return { problem: '`expires_in` is not a whole number of seconds above 0' };
  }
  return { token: { accessToken, tokenType, scope, expiresIn } };
}
