import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Sealing } from '../effects.ts';
import type { PlainAnswer, WireAnswer } from '../faults.ts';
import type { ResponseSigner } from './keys.ts';

/**
 * Which headers carry timestamp and signature.
 *
 * - `hyphen`: `biz-timestamp`, `biz-resp-signature`, as the Python SDK reads them
 * - `underscore`: `BIZ_TIMESTAMP`, `BIZ_RESP_SIGNATURE`, as the Java SDK reads them
 * - `both`
 * - `folded`: with hyphens, each value twice in one header (`a, a`), as a proxy makes it out of two
 * - `disagreeing`: both; the timestamps are a second apart, and each pair is rightly signed by itself
 * - `disagreeing-signature`: both; the same timestamp, and one bit differs in the second signature
 */
export type SignatureHeaders = 'hyphen' | 'underscore' | 'both' | 'folded' | 'disagreeing' | 'disagreeing-signature';

/** `deflate` is the zlib format (RFC 9110, section 8.4.1.2), `deflate-raw` what some servers send instead. */
export type ContentEncoding = 'gzip' | 'deflate' | 'deflate-raw' | 'br';

/** How Cobo puts an answer into bytes and headers. */
export interface AnswerForm {
  /** Default `both`: the SDKs of different languages read different ones. */
  signatureHeaders: SignatureHeaders;
  /** Applied whatever the client accepts. Default none. */
  contentEncoding: ContentEncoding | undefined;
  /** With `contentEncoding`: whether the signature is over the bytes as sent (default) or as decoded. */
  signatureOver: 'sent' | 'decoded';
  /** Added to the signed timestamp, milliseconds. Default 0. */
  timestampOffsetMs: number;
  /** The signed timestamp is in seconds instead of milliseconds. Default false. */
  timestampInSeconds: boolean;
  /** A UTF-8 byte order mark goes before the body, and is signed with it. Default false. */
  byteOrderMark: boolean;
}

/** What is not set differently. */
export const USUAL_FORM: AnswerForm = {
  signatureHeaders: 'both',
  contentEncoding: undefined,
  signatureOver: 'sent',
  timestampOffsetMs: 0,
  timestampInSeconds: false,
  byteOrderMark: false,
};

const ENCODERS: Record<ContentEncoding, (bytes: Buffer) => Buffer> = {
  gzip: gzipSync,
  deflate: deflateSync,
  'deflate-raw': deflateRawSync,
  br: brotliCompressSync,
};

/** The bytes of an answer, byte order mark and content coding applied. */
export function encoded(answer: PlainAnswer, form: AnswerForm): WireAnswer {
  const plain = decodedBody(answer, form);
  const coding = form.contentEncoding;
  if (coding === undefined || plain.length === 0) return { ...answer, body: plain };
  const headers = { ...answer.headers, 'content-encoding': coding === 'deflate-raw' ? 'deflate' : coding };
  return { status: answer.status, headers, body: ENCODERS[coding](plain) };
}

/**
 * The signature headers of an answer.
 * @param now Cobo's clock, milliseconds since 1970
 */
export function signatureHeaders(
  answer: PlainAnswer,
  form: AnswerForm,
  signer: ResponseSigner,
  now: number,
  sealing: Exclude<Sealing, 'none'>,
): Record<string, string> {
  const body = form.signatureOver === 'sent' ? encoded(answer, form).body : decodedBody(answer, form);
  const pairAt = (ms: number): [string, string] => {
    const timestamp = String(form.timestampInSeconds ? Math.floor(ms / 1000) : ms);
    const right = signer.sign(body, timestamp);
    return [timestamp, sealing === 'flipped' ? flipOneBit(right) : right];
  };
  const at = now + form.timestampOffsetMs;
  const first = pairAt(at);
  switch (form.signatureHeaders) {
    case 'hyphen':
      return hyphens(first);
    case 'underscore':
      return underscores(first);
    case 'both':
      return { ...hyphens(first), ...underscores(first) };
    case 'folded':
      return hyphens([`${first[0]}, ${first[0]}`, `${first[1]}, ${first[1]}`]);
    case 'disagreeing':
      return { ...hyphens(first), ...underscores(pairAt(at + 1000)) };
    case 'disagreeing-signature':
      return { ...hyphens(first), ...underscores([first[0], flipOneBit(first[1])]) };
  }
}

function decodedBody({ body }: PlainAnswer, { byteOrderMark }: AnswerForm): Buffer {
  return Buffer.from(byteOrderMark && body !== '' ? `\uFEFF${body}` : body, 'utf8');
}

function hyphens([timestamp, signature]: [string, string]): Record<string, string> {
  return { 'biz-timestamp': timestamp, 'biz-resp-signature': signature };
}

function underscores([timestamp, signature]: [string, string]): Record<string, string> {
  return { BIZ_TIMESTAMP: timestamp, BIZ_RESP_SIGNATURE: signature };
}

function flipOneBit(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes.writeUInt8(bytes.readUInt8(7) ^ 1, 7);
  return bytes.toString('hex');
}
