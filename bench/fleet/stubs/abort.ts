// Stands in for Node's AbortController: the same without events and stack traces, of which each request makes some.

type Listener = () => void;

class LeanSignal {
  aborted = false;
  reason: unknown;
  #listeners: Listener[] | undefined;

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_type: 'abort', listener: Listener, { signal }: { signal?: LeanSignal } = {}): void {
    if (signal?.aborted) return;
    if (this.#listeners === undefined) this.#listeners = [listener];
    else if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
    signal?.addEventListener('abort', () => this.removeEventListener('abort', listener));
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    const index = this.#listeners?.indexOf(listener) ?? -1;
    if (index >= 0) this.#listeners?.splice(index, 1);
  }

  /** For the controller alone. */
  end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener();
  }
}

/** What nobody reads, save to throw it. */
const REASON = new Error('aborted');

class LeanController {
  readonly signal = new LeanSignal();

  abort(reason: unknown = REASON): void {
    this.signal.end(reason);
  }
}

export { LeanController as AbortController };
