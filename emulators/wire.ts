import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PlainAnswer } from './faults.ts';

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
export function send(response: ServerResponse, answer: PlainAnswer): void {
  const body = Buffer.from(answer.body, 'utf8');
  response.writeHead(answer.status, headersFor(answer, body.length));
  response.end(body);
}

/**
 * Sends status line, headers and half of the body, then ends the connection. Without a body the cut
 * falls into the headers, for otherwise the answer would be complete.
 */
export async function sendHalf(response: ServerResponse, answer: PlainAnswer): Promise<void> {
  const socket = response.socket;
  if (socket === null) return;
  const body = Buffer.from(answer.body, 'utf8');
  const head = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? 'Unknown'}`];
  for (const [name, value] of Object.entries(headersFor(answer, body.length))) head.push(`${name}: ${value}`);
  const text = body.length === 0 ? head.join('\r\n') : `${head.join('\r\n')}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(text, 'latin1'), body.subarray(0, body.length >> 1)]);
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
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

function headersFor(answer: PlainAnswer, length: number): Record<string, string> {
  const headers = { ...answer.headers };
  // 204 and 304 have no body, and must not announce one (RFC 9110, section 8.6).
  if (answer.status !== 204 && answer.status !== 304) headers['content-length'] = String(length);
  return headers;
}
