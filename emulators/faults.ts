/** An answer before it is put on the wire. Header names are in lower case. */
export interface PlainAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An answer as it goes over the wire: the body in bytes, every content coding applied. */
export interface WireAnswer extends Omit<PlainAnswer, 'body'> {
  body: Buffer;
}

/** Whether a fault strikes before the emulator's state has changed, or after it. */
export type Moment = 'before' | 'after';

/**
 * What may go wrong with one request. All are plain data (a seeded generator can draw them), save
 * `rewrite` and `hook`, which carry a function.
 */
export type Fault =
  /** The connection is reset as soon as the request's head has arrived; nothing is processed. */
  | { kind: 'refuse' }
  /**
   * before: body read, nothing processed, connection reset. after: processed, and no byte answered.
   * during: processed; status line, headers and half of the body sent, then the connection ends.
   * after-token: like during, but cut right after the refresh token's closing quote. Half of the body where there is
   * none, or the body is compressed.
   * `chunked`: the answer is announced in chunks, and the last one is missing.
   */
  | { kind: 'cut'; when: Moment | 'during' | 'after-token'; chunked?: boolean }
  /**
   * A whole answer (by its Content-Length, or by its chunks), and in the same write more bytes (latin1).
   * The connection stays open unless `close`.
   */
  | { kind: 'trailing'; bytes: string; chunked?: boolean; close?: boolean }
  /**
   * Strikes only a request on a connection that has served one before: the network has forgotten the
   * connection, and swallows this request and all later ones on it. New connections work.
   */
  | { kind: 'forget' }
  /** Waits `ms` milliseconds before or after the processing, then answers as usual. */
  | { kind: 'delay'; ms: number; when: Moment }
  /** Never answers; the connection stays open until the emulator is closed. */
  | { kind: 'hang'; when: Moment }
  /** Another answer than the real one. `signed` (Cobo): with a good signature; default false. */
  | {
      kind: 'status';
      status: number;
      headers?: Record<string, string>;
      body?: string;
      when: Moment;
      signed?: boolean;
    }
  /** Changes the real answer. Cobo: signed after the change with `resign`, else the old signature stays. */
  | { kind: 'rewrite'; rewrite: (answer: PlainAnswer) => PlainAnswer; resign?: boolean }
  /** Cobo: the answer has no signature headers. */
  | { kind: 'unsigned' }
  /** Cobo: one bit of the answer's signature is flipped. */
  | { kind: 'bad-signature' }
  /** Cobo: the answer is signed by a key that nobody knows. */
  | { kind: 'foreign-signature' }
  /** GitHub: the store's key pair is replaced right before this request is processed. */
  | { kind: 'rotate-key' }
  /** Calls back before or after the processing; `next` is the fault that then strikes the same request. */
  | { kind: 'hook'; when: Moment; run: () => void | Promise<void>; next?: Fault }
  /** Answers a redirect (default 302); nothing is processed. */
  | { kind: 'redirect'; location: string; status?: number };

/** Which requests a fault strikes. `path` is tested on the path as sent, without the query. */
export interface FaultRule {
  match?: { method?: string; path?: RegExp };
  /** That many matching requests pass unharmed first. Default 0. */
  skip?: number;
  /** That many requests are struck. Default 1; `Infinity` is allowed. */
  times?: number;
  fault: Fault;
}

interface RuleInForce {
  rule: FaultRule;
  toSkip: number;
  left: number;
  fired: number;
}

/** The faults planned for an emulator; rules are tried in the order they were added. */
export class FaultBook {
  #rules: RuleInForce[] = [];

  /** Plans a fault. The result tells how many requests it has struck so far. */
  add(rule: FaultRule): { readonly fired: number } {
    const entry: RuleInForce = { rule, toSkip: rule.skip ?? 0, left: rule.times ?? 1, fired: 0 };
    this.#rules.push(entry);
    return entry;
  }

  /** Forgets every rule. */
  clear(): void {
    this.#rules = [];
  }

  /**
   * The fault for this request, used up by asking; a rule that only skips leaves the request to later rules.
   * `isReused`: its connection has served a request before.
   */
  take(method: string, path: string, isReused = false): Fault | undefined {
    for (const entry of this.#rules) {
      const { match, fault } = entry.rule;
      if (entry.left <= 0 || !applies(match, method, path)) continue;
      if (fault.kind === 'forget' && !isReused) continue;
      if (entry.toSkip > 0) {
        entry.toSkip -= 1;
        continue;
      }
      entry.left -= 1;
      entry.fired += 1;
      return fault;
    }
    return undefined;
  }
}

function applies(match: FaultRule['match'], method: string, path: string): boolean {
  if (match?.method !== undefined && match.method.toUpperCase() !== method) return false;
  // `search` rather than `test`: an expression with the `g` flag would remember where it stopped.
  return match?.path === undefined || path.search(match.path) >= 0;
}

/** A fault with its hooks taken out: what to call before, what to call after, and what then goes wrong. */
export interface FaultPlan {
  before: (() => void | Promise<void>)[];
  after: (() => void | Promise<void>)[];
  fault: Exclude<Fault, { kind: 'hook' }> | undefined;
}

/** Unrolls nested hooks. */
export function planOf(fault: Fault | undefined): FaultPlan {
  const plan: FaultPlan = { before: [], after: [], fault: undefined };
  let next = fault;
  while (next?.kind === 'hook') {
    plan[next.when].push(next.run);
    next = next.next;
  }
  plan.fault = next;
  return plan;
}
