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
    this.most = Math.max(this.most, this.#sum);
  }
}

/** The most that one writer token has used of each limit. */
export interface Peaks {
  pointsPerMinute: number;
  contentPerMinute: number;
  contentPerHour: number;
  requestsPerHour: number;
}

/** Counts what GitHub has done for each token, by the clock's minutes and hours, and what it has refused. */
export class Usage {
  readonly #tokens = new Map<string, Record<keyof Peaks, Window>>();
  requests = 0;
  /** Requests that a limit refused. */
  refused = 0;

  count({ method, headers }: EmulatedRequest, now: number, status: number): void {
    this.requests += 1;
    if (status === 403 || status === 429) {
      this.refused += 1;
      return;
    }
    const token = headers['authorization'] ?? '';
    let windows = this.#tokens.get(token);
    if (windows === undefined) {
      windows = {
        pointsPerMinute: new Window(MINUTE_MS),
        contentPerMinute: new Window(MINUTE_MS),
        contentPerHour: new Window(HOUR_MS),
        requestsPerHour: new Window(HOUR_MS),
      };
      this.#tokens.set(token, windows);
    }
    const isContent = method === 'PUT' || method === 'POST' || method === 'PATCH';
    windows.pointsPerMinute.add(method === 'GET' ? 1 : 5, now);
    windows.requestsPerHour.add(1, now);
    if (!isContent) return;
    windows.contentPerMinute.add(1, now);
    windows.contentPerHour.add(1, now);
  }

  get peaks(): Peaks {
    const most = (name: keyof Peaks) => Math.max(0, ...[...this.#tokens.values()].map((windows) => windows[name].most));
    return {
      pointsPerMinute: most('pointsPerMinute'),
      contentPerMinute: most('contentPerMinute'),
      contentPerHour: most('contentPerHour'),
      requestsPerHour: most('requestsPerHour'),
    };
  }
}
