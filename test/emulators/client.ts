import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { doubleSha256, verifies } from '../../emulators/cobo/keys.ts';
import type { CoboClient, CoboEmulator } from '../../emulators/cobo.ts';
import type { EmulatorServer } from '../../emulators/server.ts';

// Clients that share no code with the action.

/** What came back: a whole answer, or the failure and what had arrived until then. */
export interface Outcome {
  status: number | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** The body as it was sent, its content coding not undone. */
  bytes: Buffer;
  /** The code of the error, `timeout` included; undefined for a whole answer. */
  failure: string | undefined;
}

interface RawOptions extends https.RequestOptions {
  body?: string;
  timeoutMs?: number | undefined;
}

/** One request with nothing added: no redirects, no retries, a connection of its own. */
export async function raw(url: string, { body, timeoutMs, ...options }: RawOptions = {}): Promise<Outcome> {
  const outcome: Outcome = { status: undefined, headers: {}, body: '', bytes: Buffer.alloc(0), failure: undefined };
  const request = (url.startsWith('https:') ? https : http).request(url, { agent: false, ...options });
  request.on('error', () => undefined);
  const late = Object.assign(new Error(), { code: 'timeout' });
  if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy(late));
  try {
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    Object.assign(outcome, { status: response.statusCode, headers: response.headers });
    for await (const chunk of response) outcome.bytes = Buffer.concat([outcome.bytes, chunk as Buffer]);
  } catch (error) {
    outcome.failure = (error as NodeJS.ErrnoException).code ?? String(error);
  }
  outcome.body = outcome.bytes.toString('utf8');
  return outcome;
}

/** Sends so many bytes as they are, and keeps everything that arrives. It is closed when the test ends. */
export async function rawSocket(emulator: EmulatorServer) {
  const socket = connect(Number(new URL(emulator.origin).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const seen = {
    /** Every piece, as it was read. */
    reads: [] as string[],
    isEnded: false,
    get text() {
      return seen.reads.join('');
    },
    /** Sends one request. */
    send(line: string, headers: Record<string, string>, body = '') {
      const all = { host: '127.0.0.1', ...headers, 'content-length': String(Buffer.byteLength(body)) };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    },
    until: (text: string) => expect.poll(() => seen.text, { interval: 2 }).toContain(text),
    ended: () => expect.poll(() => seen.isEnded, { interval: 2 }).toBe(true),
  };
  socket.setEncoding('latin1').on('data', (text: string) => seen.reads.push(text));
  socket.on('close', () => Object.assign(seen, { isEnded: true })).on('error', () => undefined);
  await once(socket, 'connect');
  return seen;
}

let lastNonce = 0;

/** The three headers for a request. The usual nonce is the clock, but always above the one before. */
export function signedHeaders(
  client: CoboClient,
  parts: { method: string; path: string; query?: string; body?: string },
  nonce?: number,
) {
  if (nonce === undefined) lastNonce = Math.max(Date.now(), lastNonce + 1);
  const used = nonce ?? lastNonce;
  const text = [parts.method, parts.path, used, parts.query ?? '', parts.body ?? ''].join('|');
  const der = Buffer.from(`302e020100300506032b657004220420${client.appSecretHex}`, 'hex');
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    'Biz-Api-Key': client.appKeyHex,
    'Biz-Api-Nonce': String(used),
    'Biz-Api-Signature': sign(null, doubleSha256(Buffer.from(text, 'utf8')), key).toString('hex'),
  };
}

/** A right refresh of a token: its body and its headers. */
export function refreshRequest(client: CoboClient, refreshToken: string) {
  const fields = { client_id: client.clientId, grant_type: 'refresh_token', refresh_token: refreshToken };
  return signedPost(client, JSON.stringify(fields));
}

function signedPost(client: CoboClient, body: string) {
  const signature = signedHeaders(client, { method: 'POST', path: '/v2/oauth/token', body });
  return { body, headers: { 'content-type': 'application/json', ...signature } };
}

export function refresh(cobo: CoboEmulator, refreshToken: string, client = cobo.client, timeoutMs?: number) {
  return raw(`${cobo.url}/oauth/token`, { method: 'POST', ...refreshRequest(client, refreshToken), timeoutMs });
}

/** Posts any body to the token path, signed well. */
export function post(cobo: CoboEmulator, body: string) {
  return raw(`${cobo.url}/oauth/token`, { method: 'POST', ...signedPost(cobo.client, body) });
}

/** A signed GET. */
export function get(cobo: CoboEmulator, path: string, query = '', headers: Record<string, string> = {}) {
  const signature = signedHeaders(cobo.client, { method: 'GET', path, query });
  return raw(`${cobo.origin}${path}${query && `?${query}`}`, { headers: { ...signature, ...headers } });
}

/** The org_implicit grant. */
export function implicit(cobo: CoboEmulator, orgId = cobo.client.orgId) {
  return get(cobo, '/v2/oauth/token', `client_id=${cobo.client.clientId}&org_id=${orgId}&grant_type=org_implicit`);
}

/** The tokens in an answer. */
export function tokensIn({ body }: Pick<Outcome, 'body'>): { access: string; refresh: string } {
  const fields = JSON.parse(body) as Record<string, string | undefined>;
  return { access: fields['access_token'] ?? '', refresh: fields['refresh_token'] ?? '' };
}

/** The status of a refusal, and its error code in either form. */
export function refusalIn({ status, body }: Outcome): [number | undefined, string | number | undefined] {
  const { error, error_code } = JSON.parse(body) as { error?: string; error_code?: number };
  return [status, error ?? error_code];
}

/** Whether the signature under these header names verifies; undefined when there is none. */
export function signedBy(
  cobo: CoboEmulator,
  { headers, bytes }: Pick<Outcome, 'headers' | 'bytes'>,
  names: readonly string[] = ['biz-timestamp', 'biz-resp-signature'],
): boolean | undefined {
  const [timestamp, signature] = names.map((name) => headers[name]);
  if (typeof signature !== 'string') return undefined;
  return verifies(Buffer.concat([bytes, Buffer.from(`|${timestamp}`)]), signature, cobo.responsePublicKeyHex);
}
