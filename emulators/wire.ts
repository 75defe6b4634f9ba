import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Fault, WireAnswer } from './faults.ts';

/** Reads a request's body to its end; undefined when the client left before that. */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** Sends a whole answer. */
export function send(response: ServerResponse, answer: WireAnswer, chunked = false): void {
  response.writeHead(answer.status, headersFor(answer, chunked));
  response.end(answer.body);
}

/** Sends a whole answer and more bytes behind it, together: the client gets both in one read. */
export function sendWithTrailing(
  response: ServerResponse,
  answer: WireAnswer,
  fault: Extract<Fault, { kind: 'trailing' }>,
): void {
  const { socket } = response;
  if (socket === null) return;
  socket.cork();
  send(response, answer, fault.chunked);
  socket.write(Buffer.from(fault.bytes, 'latin1'));
  socket.uncork();
  if (fault.close === true) socket.destroySoon();
}

/**
 * Sends status line, headers and the first part of the body, then ends the connection. Without a body the
 * cut falls into the headers, for otherwise the answer would be complete.
 */
export async function sendPart(
  response: ServerResponse,
  answer: WireAnswer,
  fault: Extract<Fault, { kind: 'cut' }>,
): Promise<void> {
  const { socket } = response;
  if (socket === null) return;
  const { chunked = false } = fault;
  const { body, status } = answer;
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`];
  for (const [name, value] of Object.entries(headersFor(answer, chunked))) head.push(`${name}: ${value}`);
  const text = body.length === 0 ? head.join('\r\n') : `${head.join('\r\n')}\r\n\r\n`;
  const part = body.subarray(0, whereToCut(answer, fault));
  const parts = [Buffer.from(text, 'latin1'), part];
  // A whole chunk: what it holds may be read before the next one is missed.
  if (chunked && part.length > 0) {
    parts.splice(1, 1, Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  await new Promise<void>((resolve) => socket.write(Buffer.concat(parts), () => resolve()));
  // An orderly end, not a reset: a reset could throw away on the client's side what was sent.
  socket.destroySoon();
}

/** Resets the connection (a TLS connection can only be dropped). */
export function cut(socket: Socket | null): void {
  if (socket === null || socket.destroyed) return;
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}

/** Answers 200 and streams `bytes` blanks, as fast as the client takes them. */
export async function flood(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(bytes) });
  const chunk = Buffer.alloc(64 * 1024, ' ');
  function* blanks(): Generator<Buffer> {
    for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
  }
  // A client that has read enough leaves: that is what a flood is for, and no error.
  await pipeline(Readable.from(blanks()), response).catch(() => undefined);
}

/** Answers 200 and then one blank each `everyMs`, until the client leaves or the emulator closes. */
export function drip(response: ServerResponse, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(' ');
  const timer = setInterval(() => response.write(' '), everyMs);
  response.once('close', () => clearInterval(timer));
}

/** A refresh token in JSON, from its name to its closing quote. */
const REFRESH_TOKEN = /"refresh_token"\s*:\s*"(?:[^"\\]|\\.)*"/;

function whereToCut({ body, headers }: WireAnswer, fault: Extract<Fault, { kind: 'cut' }>): number {
  const half = body.length >> 1;
  if (headers['content-encoding'] !== undefined) return half;
  if (fault.when === 'after-token') return endOf(body, REFRESH_TOKEN) ?? half;
  return fault.when === 'after-text' ? (endOf(body, fault.text) ?? half) : half;
}

/** Where the first match ends, in bytes. */
function endOf(body: Buffer, text: string | RegExp): number | undefined {
  const all = body.toString('utf8');
  const at = typeof text === 'string' ? all.indexOf(text) : all.search(text);
  if (at < 0) return undefined;
  // `match` with an expression that has no `g` flag: it must not remember where it stopped.
  const found = typeof text === 'string' ? text : all.match(new RegExp(text.source, flagsOf(text)))?.[0];
  return Buffer.byteLength(all.slice(0, at + (found ?? '').length), 'utf8');
}

function flagsOf({ flags }: RegExp): string {
  return flags.replaceAll(/[gy]/g, '');
}

function headersFor(answer: WireAnswer, chunked: boolean): Record<string, string> {
  // 204 and 304 have no body, and must not announce one (RFC 9110, section 8.6).
  if (answer.status === 204 || answer.status === 304) return { ...answer.headers };
  if (chunked) return { ...answer.headers, 'transfer-encoding': 'chunked' };
  return { ...answer.headers, 'content-length': String(answer.body.length) };
}
