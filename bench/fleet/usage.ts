import type { EmulatedRequest } from '../../emulators/server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What was used of one limit in the window that is open now, and at most. */
class Window {
  readonly #ms: number;
  #open = 0;
  #sum = 0;
  most = 0;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(amount: number, now: number): void {
    const window = Math.floor(now / this.#ms);
    if (window !== this.#open) this.#sum = 0;
    this.#open = window;
    this.#sum += amount;
    if (this.#sum > this.most) this.most = this.#sum;
  }
}

/** What writer tokens have used; `peaks`: the most that one of them has used of each limit. */
export interface Usage {
  peaks: { pointsPerMinute: number; contentPerMinute: number; contentPerHour: number; requestsPerHour: number };
  requests: number;
  /** Requests that a limit refused. */
  refused: number;
}

export const NO_USAGE: Usage = {
  peaks: { pointsPerMinute: 0, contentPerMinute: 0, contentPerHour: 0, requestsPerHour: 0 },
  requests: 0,
  refused: 0,
};

/** Counts what GitHub has done for one writer token, by the clock's minutes and hours, and what it has refused. */
class Meter {
  readonly #pointsPerMinute = new Window(MINUTE_MS);
  readonly #contentPerMinute = new Window(MINUTE_MS);
  readonly #contentPerHour = new Window(HOUR_MS);
  readonly #requestsPerHour = new Window(HOUR_MS);
  #requests = 0;
  #refused = 0;

  count(method: string, now: number, status: number): void {
    this.#requests += 1;
    if (status === 403 || status === 429) {
      this.#refused += 1;
      return;
    }
    this.#pointsPerMinute.add(method === 'GET' ? 1 : 5, now);
    this.#requestsPerHour.add(1, now);
    if (method === 'GET' || method === 'DELETE') return;
    this.#contentPerMinute.add(1, now);
    this.#contentPerHour.add(1, now);
  }

  get usage(): Usage {
    return {
      peaks: {
        pointsPerMinute: this.#pointsPerMinute.most,
        contentPerMinute: this.#contentPerMinute.most,
        contentPerHour: this.#contentPerHour.most,
        requestsPerHour: this.#requestsPerHour.most,
      },
      requests: this.#requests,
      refused: this.#refused,
    };
  }
}

/** A meter for each writer token. */
export class Meters {
  readonly #meters = new Map<string, Meter>();

  count({ method, headers }: EmulatedRequest, now: number, status: number): void {
    this.#of(headers['authorization'] ?? '').count(method, now, status);
  }

  /** What a writer token has used. */
  usage(token: string): Usage {
    return this.#of(`Bearer ${token}`).usage;
  }

  #of(authorization: string): Meter {
    let meter = this.#meters.get(authorization);
    if (meter === undefined) {
      meter = new Meter();
      this.#meters.set(authorization, meter);
    }
    return meter;
  }
}
