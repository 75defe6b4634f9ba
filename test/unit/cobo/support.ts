import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import type { HttpAnswer, HttpOptions, HttpRequest, Sender } from '../../../src/http.ts';
import { TransportError } from '../../../src/http.ts';

// Cobo as the documentation has it, in the words of node:crypto: nothing here comes from src/cobo.

/** Runs of each property; more of them with `FUZZ_RUNS`. */
export const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] || 100) };

/** RFC 8032, section 7.1: seed, public key, message and signature, all hexadecimal. */
export const RFC_8032 = [
  {
    name: 'test 1',
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    name: 'test 2',
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    name: 'test 3',
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    name: 'test SHA(abc)',
    seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  },
];

/** Who signs answers: Cobo, or somebody else. */
export interface Signer {
  privateKey: KeyObject;
  /** 64 hex characters. */
  publicKey: string;
}

export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { privateKey, publicKey: raw.toString('hex') };
}

/** Whether a signature is right for a text in UTF-8. */
export function verified(text: string, signature: string, publicKey: string): boolean {
  const key = createPublicKey({
    key: Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex'),
    format: 'der',
    type: 'spki',
  });
  return verify(null, twiceHashed(text), key, Buffer.from(signature, 'hex'));
}

function twiceHashed(text: string | Buffer): Buffer {
  const once = createHash('sha256').update(text).digest();
  return createHash('sha256').update(once).digest();
}

type Headers = Record<string, string>;

export function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
}

/** An answer without a signature. */
export function unsigned(status: number, body: unknown, headers: Headers = {}): HttpAnswer {
  return { status, headers, body: bytesOf(body) };
}

/** The two headers that sign a body. */
export function signatureOf({ privateKey }: Signer, body: unknown, timestamp: number | string) {
  const digest = twiceHashed(Buffer.concat([bytesOf(body), Buffer.from(`|${timestamp}`)]));
  return { timestamp: String(timestamp), signature: sign(null, digest, privateKey).toString('hex') };
}

/** An answer that `signer` has signed. */
export function signedAt(
  timestamp: number | string,
  signer: Signer,
  status: number,
  body: unknown,
  headers: Headers = {},
): HttpAnswer {
  const { signature } = signatureOf(signer, body, timestamp);
  const names = { 'biz-timestamp': String(timestamp), 'biz-resp-signature': signature };
  return unsigned(status, body, { ...headers, ...names });
}

/** What Cobo answers to a request with this nonce, or how the request fails. */
export type Recipe = (nonce: number) => HttpAnswer | Error;

/** An answer that is signed when the request arrives. */
export function signed(signer: Signer, status: number, body: unknown, headers: Headers = {}) {
  return (nonce: number) => signedAt(nonce, signer, status, body, headers);
}

/** One request, as it went over the line. */
export interface Received {
  method: string;
  /** With host and query. */
  url: string;
  nonce: string;
  body: string | undefined;
  headers: Headers;
  options: HttpOptions;
}

/**
 * Cobo, with its answers given beforehand, one a request. It refuses to answer (with an error that nothing
 * expects) when a request is not signed as documented, when nonces do not rise, or when it has run out of
 * answers.
 */
export class FakeCobo implements Sender {
  readonly received: Received[] = [];
  readonly #appKey: string;
  readonly #answers: Recipe[];

  constructor(appKey: string, answers: readonly Recipe[]) {
    this.#appKey = appKey;
    this.#answers = [...answers];
  }

  async send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
    const nonce = this.#check(request, options);
    const answer = this.#answers.shift()?.(nonce);
    if (answer === undefined) throw new RangeError('one request more than there are answers');
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /** How many of the answers nobody has asked for. */
  get left(): number {
    return this.#answers.length;
  }

  #check({ method, url, headers, body }: HttpRequest, options: HttpOptions): number {
    const nonce = headers['Biz-Api-Nonce'] ?? '';
    if (headers['Biz-Api-Key'] !== this.#appKey) throw new RangeError('another app key');
    if (!/^\d{13}$/.test(nonce)) throw new RangeError('a nonce that is no time in milliseconds');
    if (Number(nonce) <= Number(this.received.at(-1)?.nonce ?? 0)) throw new RangeError('nonces that fall');
    const text = [method, url.pathname, nonce, url.search.slice(1), body ?? ''].join('|');
    if (!verified(text, headers['Biz-Api-Signature'] ?? '', this.#appKey)) {
      throw new RangeError('the signature of the request is wrong');
    }
    this.received.push({ method, url: url.href, nonce, body, headers, options });
    return Number(nonce);
  }
}

/** A connection that broke after the request was sent. */
export const lost: Recipe = () => new TransportError('the connection was cut', true);
/** A connection that was never established. */
export const unreachable: Recipe = () => new TransportError('the connection was refused', false);
/** An answer of which only the head and `bytes` of its body arrived; -1 for all but the last. */
export function cutOff(answer: (nonce: number) => HttpAnswer, bytes: number): Recipe {
  return (nonce) => {
    const { body, ...head } = answer(nonce);
    const partial = { ...head, body: body.subarray(0, bytes) };
    return new TransportError('the connection was cut', true, { partial });
  };
}
