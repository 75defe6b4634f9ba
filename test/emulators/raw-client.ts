import { createPrivateKey, sign } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { doubleSha256 } from '../../emulators/cobo/keys.ts';
import type { CoboClient } from '../../emulators/cobo.ts';

/** What came back: a whole answer, or the text of the failure and what had arrived until then. */
export interface Outcome {
  status: number | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** The body as it was sent, its content coding not undone. */
  bytes: Buffer;
  /** The code of the error, `timeout` included; undefined for a whole answer. */
  failure: string | undefined;
}

/** One request with nothing added: no redirects, no retries, a connection of its own. */
export async function raw(
  url: string,
  options: {
    method?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
    timeoutMs?: number;
    mostBytes?: number;
    ca?: string;
  } = {},
): Promise<Outcome> {
  const outcome: Outcome = {
    status: undefined,
    headers: {},
    body: '',
    bytes: Buffer.alloc(0),
    failure: undefined,
  };
  await new Promise<void>((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      outcome.failure ??= error.code ?? error.message;
      resolve();
    };
    const { method = 'GET', headers = {}, body } = options;
    const client = url.startsWith('https:') ? https : http;
    const ca = options.ca === undefined ? {} : { ca: options.ca };
    const request = client.request(url, { method, headers, agent: false, ...ca }, (response) => {
      outcome.status = response.statusCode;
      outcome.headers = response.headers;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        outcome.bytes = Buffer.concat(chunks);
        if (outcome.bytes.length > (options.mostBytes ?? Number.POSITIVE_INFINITY)) {
          outcome.failure = 'enough';
          request.destroy();
        }
      });
      response.once('end', resolve);
      response.once('error', fail);
    });
    request.once('error', fail);
    if (options.timeoutMs !== undefined) {
      request.setTimeout(options.timeoutMs, () => {
        outcome.failure = 'timeout';
        request.destroy();
      });
    }
    request.end(body);
  });
  outcome.body = outcome.bytes.toString('utf8');
  return outcome;
}

let lastNonce = 0;

/** The three headers for a request. The usual nonce is the clock, but always above the one before. */
export function signedHeaders(
  client: CoboClient,
  parts: { method: string; path: string; query?: string; body?: string },
  nonce?: number,
): Record<string, string> {
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
