import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import type { HttpAnswer, HttpOptions, HttpRequest, Sender } from '../../../src/http.ts';

// Cobo as the documentation has it, in the words of node:crypto: nothing here comes from src/cobo.

/** Runs of each property; more of them with `FUZZ_RUNS`. */
export const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] || 100) };

/** Any text of UTF-16 code units, lone surrogates included. */
export const ANY_TEXT = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

/** RFC 8032, section 7.1, tests 1 and 3: seed, public key, message and signature, all hexadecimal. */
export const RFC_8032 = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
] as const;

/** Who signs answers: Cobo, or somebody else. The public key is 64 hex characters. */
export type Signer = ReturnType<typeof newSigner>;

export function newSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { privateKey, publicKey: raw.toString('hex') };
}

/** Whether a signature is right for a text in UTF-8. */
function verified(text: string, signature: string, publicKey: string): boolean {
  const spki = Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex');
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, twiceHashed(text), key, Buffer.from(signature, 'hex'));
}

function twiceHashed(text: string | Buffer): Buffer {
  return createHash('sha256').update(createHash('sha256').update(text).digest()).digest();
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
}

/** An answer without a signature. */
export function unsigned(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers, body: bytesOf(body) };
}

/** The signature of `signer` on a body, in hexadecimal. */
export function signatureOf({ privateKey }: Signer, body: unknown, timestamp: number | string): string {
  const digest = twiceHashed(Buffer.concat([bytesOf(body), Buffer.from(`|${timestamp}`)]));
  return sign(null, digest, privateKey).toString('hex');
}

/** An answer that `signer` has signed. */
export function signedAt(at: number | string, signer: Signer, status: number, body: unknown, headers = {}): HttpAnswer {
  const signature = signatureOf(signer, body, at);
  return unsigned(status, body, { ...headers, 'biz-timestamp': String(at), 'biz-resp-signature': signature });
}

/** What Cobo answers to a request with this nonce, or how the request fails. */
export type Recipe = (nonce: number) => HttpAnswer | Error;

/** An answer that is signed when the request arrives. */
export function signed(signer: Signer, status: number, body: unknown, headers: Record<string, string> = {}): Recipe {
  return (nonce) => signedAt(nonce, signer, status, body, headers);
}

/** One request, as it went over the line. */
export interface Received extends HttpRequest {
  nonce: number;
  options: HttpOptions;
}

/**
 * Cobo, with its answers given beforehand, one a request. It throws an error that nothing expects when a request is
 * not signed as documented, when nonces do not rise, or when it has run out of answers.
 */
export class FakeCobo implements Sender {
  readonly received: Received[] = [];

  /** @param onRequest told of each request that has arrived, with its number, from 1 */
  constructor(
    private readonly appKey: string,
    private readonly answers: readonly Recipe[],
    private readonly onRequest: (count: number) => void,
  ) {}

  async send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
    const { method, url, headers, body = '' } = request;
    const nonce = Number(headers['Biz-Api-Nonce']);
    if (nonce <= (this.received.at(-1)?.nonce ?? 1e12)) throw new RangeError('a nonce that does not rise');
    const text = [method, url.pathname, nonce, url.search.slice(1), body].join('|');
    const isSigned = verified(text, headers['Biz-Api-Signature'] ?? '', this.appKey);
    if (!isSigned || headers['Biz-Api-Key'] !== this.appKey) throw new RangeError('a request that is signed wrongly');
    const answer = this.answers[this.received.length]?.(nonce);
    this.received.push({ ...request, nonce, options });
    this.onRequest(this.received.length);
    if (answer === undefined) throw new RangeError('one request more than there are answers');
    if (answer instanceof Error) throw answer;
    return answer;
  }
}
