import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { EmulatorServer } from '../../emulators/server.ts';

/** A connection on which everything that arrives is kept. */
export class RawSocket {
  readonly #socket: Socket;
  /** Everything that has arrived so far. */
  received = Buffer.alloc(0);
  /** Every piece of it, as it was read. */
  readonly reads: Buffer[] = [];
  isEnded = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.reads.push(bytes);
      this.received = Buffer.concat(this.reads);
    });
    socket.on('close', () => {
      this.isEnded = true;
    });
    socket.on('error', () => undefined);
  }

  /** Connects to an emulator. */
  static async to(emulator: EmulatorServer): Promise<RawSocket> {
    const socket = connect(Number(new URL(emulator.origin).port), '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawSocket(socket);
  }

  /** Sends one request. */
  send(line: string, headers: Record<string, string>, body = ''): void {
    const all = { host: '127.0.0.1', ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** Waits until the text has arrived. */
  async until(text: string): Promise<void> {
    await expect.poll(() => this.text, { interval: 2 }).toContain(text);
  }

  /** Waits until the server has closed the connection. */
  async ended(): Promise<void> {
    await expect.poll(() => this.isEnded, { interval: 2 }).toBe(true);
  }

  close(): void {
    this.#socket.destroy();
  }
}
