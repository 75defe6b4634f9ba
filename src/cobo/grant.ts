import { field, parseJson } from '../text.ts';

/** The access token of an answer, all its fields checked. */
export interface AccessToken {
  accessToken: string;
  tokenType: string;
  /** Empty today. */
  scope: string;
  /** Seconds, a whole number above 0. */
  expiresIn: number;
  /** Milliseconds since 1970. Counts from the signed timestamp, so a wrong clock of the runner does not matter. */
  expiresAt: number;
}

/** What a signed 2XX answer of either operation grants. */
export interface Grant {
  /** The new refresh token; `undefined` when Cobo sent none, so that the old one stays valid. */
  refreshToken: string | undefined;
  /** `undefined` when anything is malformed. */
  access: AccessToken | undefined;
  /** What is malformed. Names the field, never a value. */
  problem: string | undefined;
}

/** Longer than anything that Cobo hands out: a year. Keeps `expires-at` a date that exists. */
const LONGEST_LIFE_S = 366 * 24 * 3600;

/**
 * Reads the body of a signed 2XX answer. The refresh token is read apart from the rest: it is kept even when
 * anything else is malformed.
 * @param signedAt milliseconds since 1970
 * @param known the refresh token that was sent; an answer that repeats it has brought no new one
 */
export function readGrant(text: string, signedAt: number, known: string | undefined): Grant {
  const json = parseJson(text);
  const access = readAccess(json, signedAt);
  const value = field(json, 'refresh_token');
  // RFC 6749, section 5.1: the field is optional. Empty or null means the same as missing.
  const isNone = value === undefined || value === null || value === '' || value === known;
  const isToken = typeof value === 'string' && value.trim() !== '';
  const refreshToken = isNone || !isToken ? findRefreshToken(text, known) : value;
  const problem = isNone || isToken ? access.problem : '`refresh_token` is not a non-empty string';
  return { refreshToken, access: problem === undefined ? access.token : undefined, problem };
}

/**
 * Finds a refresh token in a text that need not be valid JSON, because it was cut off or comes from somebody
 * else: the last complete `"refresh_token": "…"` in it.
 * @param known the refresh token that was sent; repeating it means nothing
 */
export function findRefreshToken(text: string, known: string | undefined): string | undefined {
  return [...text.matchAll(/"refresh_token"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")/g)]
    .map(([, quoted = '']) => parseJson(quoted))
    .filter((token) => typeof token === 'string')
    .filter((token) => token.trim() !== '' && token !== known)
    .at(-1);
}

function readAccess(json: unknown, signedAt: number): { token?: AccessToken; problem?: string } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { problem: 'it is not a JSON object' };
  const accessToken = field(json, 'access_token');
  const tokenType = field(json, 'token_type');
  const scope = field(json, 'scope') ?? '';
  const expiresIn = field(json, 'expires_in');
  if (typeof accessToken !== 'string' || accessToken.trim() === '') {
    return { problem: '`access_token` is not a non-empty string' };
  }
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    return { problem: '`token_type` is not `Bearer`' };
  }
  if (typeof scope !== 'string') return { problem: '`scope` is not a string' };
  const isWhole = typeof expiresIn === 'number' && Number.isInteger(expiresIn);
  if (!isWhole || expiresIn <= 0 || expiresIn > LONGEST_LIFE_S) {
    return { problem: '`expires_in` is not a whole number of seconds above 0' };
  }
  return { token: { accessToken, tokenType, scope, expiresIn, expiresAt: signedAt + expiresIn * 1000 } };
}
