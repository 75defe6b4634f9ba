import {
  type HttpAnswer,
  type HttpOptions,
  type HttpRequest,
  type Sender,
  TransportError,
} from '../../../src/http.ts';

export interface Sent {
  request: HttpRequest;
  options: HttpOptions;
}

type Step = HttpAnswer | Error | ((sent: Sent) => HttpAnswer | Promise<HttpAnswer>);

/** An answer; an object becomes JSON, a string is sent as it is. */
export function answer(status: number, body?: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text) };
}

/** Plays a script of answers and failures, one for each request; a request too many fails the test. */
export class ScriptedHttp implements Sender {
  readonly sent: Sent[] = [];
  readonly #steps: Step[];

  constructor(...steps: Step[]) {
    this.#steps = steps;
  }

  async send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
    const sent = { request, options };
    this.sent.push(sent);
    // As the real client does.
    if (options.signal?.aborted) throw new TransportError('cancelled', false);
    const step = this.#steps.shift();
    if (step === undefined) throw new Error(`nothing is scripted for ${request.method} ${request.url.href}`);
    if (step instanceof Error) throw step;
    return typeof step === 'function' ? step(sent) : step;
  }
}

/** Leaves every request open until the test answers it. */
export class HeldHttp implements Sender {
  /** Every request so far, in order. */
  readonly paths: string[] = [];
  readonly #open = new Map<string, (ended: HttpAnswer | Error) => void>();
  most = 0;

  get open(): string[] {
    return [...this.#open.keys()];
  }

  send({ url }: HttpRequest): Promise<HttpAnswer> {
    this.paths.push(url.pathname);
    return new Promise((resolve, reject) => {
      this.#open.set(url.pathname, (ended) => (ended instanceof Error ? reject(ended) : resolve(ended)));
      this.most = Math.max(this.most, this.#open.size);
    });
  }

  end(path: string, ended: HttpAnswer | Error): void {
    const end = this.#open.get(path);
    if (end === undefined) throw new Error(`${path} is not open`);
    this.#open.delete(path);
    end(ended);
  }
}
