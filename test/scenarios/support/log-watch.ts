/** Tells when a line is in the log of a job under way. */
export class LogWatch {
  readonly #seen: string[] = [];
  #waiting: { line: RegExp; go: () => void }[] = [];

  add(text: string): void {
    this.#seen.push(text);
    for (const { go } of this.#waiting.filter(({ line }) => line.test(text))) go();
    this.#waiting = this.#waiting.filter(({ line }) => !line.test(text));
  }

  /** Resolves when there is such a line, of this job or an earlier one. */
  shows(line: RegExp): Promise<void> {
    if (this.#seen.some((seen) => line.test(seen))) return Promise.resolve();
    return new Promise((go) => this.#waiting.push({ line, go }));
  }
}
