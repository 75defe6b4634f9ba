import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
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

/** A refresh token in JSON, from its name to its closing quote. */
const REFRESH_TOKEN = /"refresh_token"\s*:\s*"(?:[^"\\]|\\.)*"/;

/** In bytes. */
function whereToCut({ body, headers }: WireAnswer, fault: Extract<Fault, { kind: 'cut' }>): number {
  const half = body.length >> 1;
  if (fault.when !== 'after-token' || headers['content-encoding'] !== undefined) return half;
  const found = REFRESH_TOKEN.exec(body.toString('utf8'));
  return found === null ? half : Buffer.byteLength(found.input.slice(0, found.index + found[0].length));
}

function headersFor(answer: WireAnswer, chunked: boolean): Record<string, string> {
  // 204 and 304 have no body, and must not announce one (RFC 9110, section 8.6).
  if (answer.status === 204 || answer.status === 304) return { ...answer.headers };
  if (chunked) return { ...answer.headers, 'transfer-encoding': 'chunked' };
  return { ...answer.headers, 'content-length': String(answer.body.length) };
}
