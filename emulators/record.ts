import type { IncomingMessage } from 'node:http';
import type { Fault, PlainAnswer } from './faults.ts';

/** A request as its handler sees it; `path` and `query` exactly as sent (latin1), `body` the raw bytes. */
export interface EmulatedRequest {
  method: string;
  path: string;
  /** Without the question mark; empty when there is none. */
  query: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** What a handler decides: the answer, and one short sentence for people. No token in the sentence. */
export interface Answer extends PlainAnswer {
  verdict: string;
}

/** The verdict on a request of which nothing has become yet. */
export const UNDER_WAY = 'under way';

/** One line of an emulator's log. */
export interface RecordedRequest {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
  /** What the emulator made of it, for people; never a token in full. */
  verdict: string;
  /** The status answered, or `cut` when no whole answer was sent (also while it is under way). */
  status: number | 'cut';
  /** From the request's head to the answer's last byte handed to the system, in milliseconds. */
  ms: number;
  /** The kind of the fault that struck, if one did. */
  fault?: Fault['kind'];
}

/** A request's head, as its handler and as the log see it; the body is read later. */
export function recordOf(message: IncomingMessage, seq: number): { record: RecordedRequest; request: EmulatedRequest } {
  const [path = '', ...rest] = (message.url ?? '').split('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const seen = { method: message.method ?? '', path, query: rest.join('?'), headers };
  const record: RecordedRequest = {
    ...{ seq, at: Date.now(), ...seen },
    ...{ body: '', verdict: UNDER_WAY, status: 'cut', ms: 0 },
  };
  return { record, request: { ...seen, body: Buffer.alloc(0) } };
}
