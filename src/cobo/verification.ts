import type { HttpAnswer } from '../http.ts';
import { isHex } from '../text.ts';
import { doubleSha256, verifies } from './signing.ts';

/** Answers of both operations are below one kilobyte; a token's share of a secret is at most 48. */
export const MAX_ANSWER_BYTES = 128 * 1024;

/** An answer that was looked at, trusted or not. */
export interface VerifiedAnswer {
  status: number;
  headers: HttpAnswer['headers'];
  /** The body, decoded, without a byte order mark. */
  text: string;
  /** `missing`: not signed at all. `invalid`: signed by somebody else, changed on the way, or malformed. */
  signature: 'valid' | 'missing' | 'invalid';
  /** The signed timestamp, milliseconds since 1970; `NaN` when there is none. */
  signedAt: number;
}

/**
 * Checks Cobo's signature on an answer: Ed25519 over the double SHA-256 of the raw body, `|` and the
 * timestamp header. The body may be compressed, and its signature over the bytes as sent or as decoded.
 * Source: Cobo's developer site, "Verify API responses"; both spellings of the headers are in use.
 * @param responseKey 32 bytes as 64 hex characters
 */
export async function verifyAnswer(answer: HttpAnswer, responseKey: string): Promise<VerifiedAnswer> {
  const { status, headers, body } = answer;
  const timestamps = valuesOf(headers, 'biz-timestamp');
  const signatures = valuesOf(headers, 'biz-resp-signature');
  const [timestamp = '', signature = ''] = [timestamps[0], signatures[0]];
  const decoded = await decode(answer);
  const wellFormed = timestamps.length === 1 && signatures.length === 1 && isHex(signature, 128);
  const signed = (bytes: Buffer) => verifies(doubleSha256(bytes, '|', timestamp), signature, responseKey);
  const valid = wellFormed && (signed(body) || (decoded !== body && signed(decoded)));
  return {
    status,
    headers,
    text: decoded.toString('utf8').trim(),
    signature: valid ? 'valid' : timestamps.length + signatures.length === 0 ? 'missing' : 'invalid',
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

/** The decoded body, or as much of it as can be decoded; the body as sent when it is not compressed. */
async function decode({ headers, body }: HttpAnswer): Promise<Buffer> {
  const coding = valuesOf(headers, 'content-encoding').join();
  // Some servers and proxies name a coding that they did not apply.
  const isPlain = /^\s*\{/.test(body.toString('utf8'));
  if (isPlain || !/^(br|deflate|(x-)?gzip)$/.test(coding)) return body;
  // Takes milliseconds to load, and is hardly ever needed.
  const zlib = process.getBuiltinModule('node:zlib');
  // Both `deflate`s are in use, with and without the frame of RFC 1950.
  const decoders = coding === 'br' ? [zlib.createBrotliDecompress] : [zlib.createUnzip, zlib.createInflateRaw];
  for (const decoder of decoders) {
    const decoded = await readAll(decoder(), body);
    if (decoded.length > 0) return decoded;
  }
  return body;
}

/** What comes out of a decoder before it fails, but no more than an answer may be long. */
async function readAll(decoder: NodeJS.ReadWriteStream, body: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    decoder.end(body);
    for await (const chunk of decoder) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size >= MAX_ANSWER_BYTES) break;
    }
  } catch {
    // A body that was cut off: what came before the error counts.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
}
