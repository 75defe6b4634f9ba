import type { HttpAnswer } from '../http.ts';
import { field, isHex, parseJson } from '../text.ts';
import { doubleSha256, verifies } from './signing.ts';

/** Answers are below one kilobyte today, and a secret may have 48. */
export const MAX_ANSWER_BYTES = 128 * 1024;
/** Longer than anything that Cobo hands out: a year. Keeps `expires-at` a date that exists. */
const LONGEST_LIFE_S = 366 * 24 * 3600;

/** An answer that was looked at, trusted or not. */
export interface VerifiedAnswer extends Pick<HttpAnswer, 'status' | 'headers'> {
  /** The body, decoded, without a byte order mark. */
  text: string;
  /** `missing`: not signed at all. `invalid`: signed by somebody else, changed on the way, or malformed. */
  signature: 'valid' | 'missing' | 'invalid';
  /** The signed timestamp, milliseconds since 1970; `NaN` when there is none. */
  signedAt: number;
}

/** The access token of an answer, all its fields checked. */
export interface AccessToken {
  accessToken: string;
  tokenType: string;
  scope: string;
  /** Seconds, a whole number above 0. */
  expiresIn: number;
  /** Milliseconds since 1970, counted from the signed timestamp: right even where the runner's clock is wrong. */
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

/**
 * Checks Cobo's signature on an answer: Ed25519 over the double SHA-256 of the body (as sent or as decoded), `|` and
 * the timestamp. Source: Cobo's developer site, "Verify API responses"; both spellings of the headers are in use.
 * @param responseKey 32 bytes as 64 hex characters
 */
export function verifyAnswer({ status, headers, body }: HttpAnswer, responseKey: string): VerifiedAnswer {
  const timestamps = valuesOf(headers, 'biz-timestamp');
  const signatures = valuesOf(headers, 'biz-resp-signature');
  const [[timestamp = ''], [signature = '']] = [timestamps, signatures];
  const decoded = decode(valuesOf(headers, 'content-encoding').join(), body);
  const isSigned = (bytes: Buffer) => verifies(doubleSha256(bytes, '|', timestamp), signature, responseKey);
  const isWhole = timestamps.length === 1 && signatures.length === 1 && isHex(signature, 128);
  const isThere = timestamps.length + signatures.length > 0;
  const otherwise = isThere ? 'invalid' : 'missing';
  return {
    status,
    headers,
    text: decoded.toString('utf8').trim(),
    signature: isWhole && [body, decoded].some(isSigned) ? 'valid' : otherwise,
    signedAt: milliseconds(timestamp),
  };
}

/** The different values of a header in both spellings; a proxy may have joined two of the same name. */
function valuesOf(headers: HttpAnswer['headers'], name: string): string[] {
  const values = [headers[name], headers[name.replaceAll('-', '_')]].join(',').toLowerCase().split(',');
  return [...new Set(values.map((value) => value.trim()))].filter((value) => value !== '');
}

/** A number that can only be seconds (as milliseconds it would be before 1973) is taken as seconds. */
function milliseconds(timestamp: string): number {
  if (!/^\d{1,15}$/.test(timestamp)) return Number.NaN;
  return Number(timestamp) < 1e11 ? Number(timestamp) * 1000 : Number(timestamp);
}

/** The decoded body, or as much of it as has arrived; the body as sent when it cannot be decoded. */
function decode(named: string, body: Buffer): Buffer {
  // Some servers and proxies name a coding that they did not apply, or do not name what they applied (RFC 1952).
  const coding = named === '' && body[0] === 0x1f && body[1] === 0x8b ? 'gzip' : named;
  const isPlain = /^\s*\{\s*["}]/.test(body.toString('utf8'));
  if (isPlain || !/^(br|deflate|(x-)?gzip)$/.test(coding)) return body;
  // Takes milliseconds to load, and is hardly ever needed.
  const zlib = process.getBuiltinModule('node:zlib');
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  // Both `deflate`s are in use, with and without the frame of RFC 1950.
  const decoders = coding === 'br' ? [zlib.brotliDecompressSync] : [zlib.unzipSync, zlib.inflateRawSync];
  // Flushed, so that a body that was cut off gives what it holds.
  const finishFlush = coding === 'br' ? BROTLI_OPERATION_FLUSH : Z_SYNC_FLUSH;
  const attempts = decoders.map((decoder) => (length: number) => {
    try {
      return decoder(body.subarray(0, length), { finishFlush, maxOutputLength: MAX_ANSWER_BYTES });
    } catch {
      // Another coding, damaged, or longer than any answer of Cobo.
      return undefined;
    }
  });
  for (const attempt of attempts) {
    const whole = attempt(body.length);
    if (whole !== undefined) return whole;
  }
  // Damaged or too long, but a refresh token at its beginning must not be lost.
  const holdsToken = (part: Buffer) => findRefreshToken(part.toString('utf8'), undefined) !== undefined;
  return attempts.map(longestPart).find(holdsToken) ?? body;
}

/** What the longest beginning of a body gives that can be decoded: 18 attempts find it among 128 KiB. */
function longestPart(attempt: (length: number) => Buffer | undefined): Buffer {
  let part: Buffer = Buffer.alloc(0);
  let length = 0;
  for (let step = MAX_ANSWER_BYTES; step >= 1; step /= 2) {
    const more = attempt(length + step);
    if (more === undefined) continue;
    part = more;
    length += step;
  }
  return part;
}

/**
 * Reads the body of a signed 2XX answer. Its refresh token is kept even when anything else is malformed.
 * @param known the refresh token that was sent; an answer that repeats it has brought no new one
 * @param isFresh whether there is no old refresh token to keep
 */
export function readGrant(text: string, signedAt: number, known: string | undefined, isFresh: boolean): Grant {
  const json = parseJson(text);
  const value = field(json, 'refresh_token') ?? '';
  const refreshToken = isToken(value) && value !== known ? value : findRefreshToken(text, known);
  const malformed = (problem: string) => ({ refreshToken, access: undefined, problem });
  // RFC 6749, section 5.1: the field is optional. Empty or null means the same as missing.
  if (value !== '' && !isToken(value)) return malformed('`refresh_token` is not a non-empty string');
  const access = readAccess(json, signedAt);
  if (typeof access === 'string') return malformed(access);
  if (isFresh && refreshToken === undefined) return malformed('`refresh_token` is missing');
  return { refreshToken, access, problem: undefined };
}

/** The last complete `"refresh_token": "…"` other than `known`, in a text that was cut off or is no JSON at all. */
export function findRefreshToken(text: string, known: string | undefined): string | undefined {
  return [...text.matchAll(/"refresh_token"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")/g)]
    .map(([, quoted = '']) => parseJson(quoted))
    .filter(isToken)
    .findLast((token) => token !== known);
}

/** The access token, or what is malformed. */
function readAccess(json: unknown, signedAt: number): AccessToken | string {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'it is not a JSON object';
  const accessToken = field(json, 'access_token');
  const tokenType = field(json, 'token_type');
  const scope = field(json, 'scope') ?? '';
  const expiresIn = field(json, 'expires_in');
  if (!isToken(accessToken)) return '`access_token` is not a non-empty string';
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') return '`token_type` is not `Bearer`';
  if (typeof scope !== 'string') return '`scope` is not a string';
  if (typeof expiresIn !== 'number' || !Number.isInteger(expiresIn) || expiresIn <= 0 || expiresIn > LONGEST_LIFE_S) {
    return '`expires_in` is not a whole number of seconds above 0';
  }
  return { accessToken, tokenType, scope, expiresIn, expiresAt: signedAt + expiresIn * 1000 };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
