import { StringDecoder } from 'node:string_decoder';

/**
 * Cuts a stream of bytes into lines as the runner's reader does: LF, CRLF and a lone CR all end a line,
 * which is why a CR inside a message can begin a workflow command.
 */
export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    this.#rest += this.#decoder.write(chunk);
    // A CR at the end may be half of a CRLF: it waits for what follows.
    for (let match = this.#next(); match; match = this.#next()) {
      this.#onLine(this.#rest.slice(0, match.index));
      this.#rest = this.#rest.slice(match.index + match[0].length);
    }
  }

  /** The stream is over: hands out what is left. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.#onLine(rest.replace(/\r$/, ''));
  }

  #next(): RegExpExecArray | null {
    return /\r\n|\n|\r(?!$)/.exec(this.#rest);
  }
}
