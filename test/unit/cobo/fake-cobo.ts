import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Clock } from '../../../src/clock.ts';
import type { HttpAnswer, HttpOptions, HttpRequest, Sender } from '../../../src/http.ts';
import { TransportError } from '../../../src/http.ts';

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

function twiceHashed(text: string | Buffer): Buffer {
  const once = createHash('sha256').update(text).digest();
  return createHash('sha256').update(once).digest();
}

type Headers = Record<string, string>;

/** An answer without a signature, as proxies give it. */
export function unsigned(status: number, body: unknown, headers: Headers = {}): HttpAnswer {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
  return { status, headers, body: bytes };
}

/** An answer that `signer` has signed as Cobo documents it. */
export function signed(signer: Signer, status: number, body: unknown, headers: Headers = {}): HttpAnswer {
  const answer = unsigned(status, body, headers);
  const timestamp = '1718588251593';
  const digest = twiceHashed(Buffer.concat([answer.body, Buffer.from(`|${timestamp}`)]));
  const signature = sign(null, digest, signer.privateKey).toString('hex');
  return {
    ...answer,
    headers: { ...headers, 'biz-timestamp': timestamp, 'biz-resp-signature': signature },
  };
}

/** A connection that broke after the request was sent. */
export const lost = () => new TransportError('the connection was cut', true);
/** A connection that never came about. */
export const unreachable = () => new TransportError('the connection was refused', false);

/** A clock that only moves when somebody sleeps, and remembers how long. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  time: number;

  constructor(time = Date.UTC(2026, 7, 1)) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 0.5;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.time += ms;
  }
}

/** One request, as it went over the line. */
export interface Received {
  method: string;
  /** With host and query. */
  url: string;
  nonce: string;
  signature: string;
  body: string | undefined;
  headers: Headers;
  options: HttpOptions;
}

/**
 * Cobo, with its answers given beforehand, one a request. It refuses to answer (with an error that nothing
 * expects) when a request is not signed as documented, when a nonce comes twice, or when it has run out
 * of answers.
 */
export class FakeCobo implements Sender {
  readonly received: Received[] = [];
  readonly #appKey: string;
  readonly #answers: (HttpAnswer | Error)[];

  constructor(appKey: string, answers: (HttpAnswer | Error)[]) {
    this.#appKey = appKey;
    this.#answers = [...answers];
  }

  async send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
    this.#check(request, options);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new RangeError('one request more than there are answers');
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /** How many of the answers nobody has asked for. */
  get left(): number {
    return this.#answers.length;
  }

  #check({ method, url, headers, body }: HttpRequest, options: HttpOptions): void {
    const nonce = headers['Biz-Api-Nonce'] ?? '';
    const signature = headers['Biz-Api-Signature'] ?? '';
    if (headers['Biz-Api-Key'] !== this.#appKey) throw new RangeError('another app key');
    if (!/^\d{13}$/.test(nonce)) throw new RangeError('a nonce that is no time in milliseconds');
    if (this.received.some((other) => other.nonce === nonce)) throw new RangeError('the nonce came before');
    const key = createPublicKey({
      key: Buffer.from(`302a300506032b6570032100${this.#appKey}`, 'hex'),
      format: 'der',
      type: 'spki',
    });
    const text = [method, url.pathname, nonce, url.search.slice(1), body ?? ''].join('|');
    if (!verify(null, twiceHashed(text), key, Buffer.from(signature, 'hex'))) {
      throw new RangeError('the signature of the request is wrong');
    }
    this.received.push({ method, url: url.href, nonce, signature, body, headers, options });
  }
}
