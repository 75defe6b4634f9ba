import { CoboEmulator, type CoboOptions } from '../../emulators/cobo.ts';
import { GitHubEmulator } from '../../emulators/github.ts';
import type { EmulatedRequest } from '../../emulators/server.ts';
import { Meters } from './usage.ts';

/** An answer as it arrives. */
export interface Arrived {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const nothing = (): void => undefined;

/** A service that answers without a network. */
export interface Service {
  /** Takes a request in hand. @returns its answer; the request counts as under way until `end` is called */
  take(request: EmulatedRequest): { answer: Arrived; end: () => void };
}

/** The emulated GitHub, with its documented limits. */
export class MemoryGitHub extends GitHubEmulator implements Service {
  readonly meters = new Meters();

  override get origin(): string {
    return 'https://api.github.com';
  }

  take(request: EmulatedRequest): { answer: Arrived; end: () => void } {
    const end = this.admit(request);
    const { status, headers, body } = this.process(request) as Awaited<ReturnType<typeof this.process>>;
    this.meters.count(request, this.clock, status);
    // Nobody reads the log of a month.
    if (this.writes.length > 10_000) this.writes.length = 0;
    const all = { ...this.standingHeaders(request), ...headers };
    return { answer: { status, headers: all, body: Buffer.from(body) }, end };
  }
}

/** The emulated Cobo: signatures are checked, tokens rotate, answers are signed. */
export class MemoryCobo extends CoboEmulator implements Service {
  constructor(options: CoboOptions) {
    super({ ...options, tokenMaker: (kind, n) => `${kind}-${n}-`.padEnd(64, 'x') });
  }

  override get origin(): string {
    return 'https://api.cobo.com';
  }

  take(request: EmulatedRequest): { answer: Arrived; end: () => void } {
    const { status, headers, body } = this.process(request) as Awaited<ReturnType<typeof this.process>>;
    const sealed = this.seal({ status, headers: { ...this.standingHeaders(), ...headers }, body }, 'right');
    // Nobody reads the history of a month.
    if (this.history.length > 10_000) this.history.length = 0;
    return { answer: this.encode(sealed), end: nothing };
  }
}
