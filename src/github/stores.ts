import type { Cancellation } from '../cancellation.ts';
import { ActionError } from '../errors.ts';
import { duration, utc } from '../text.ts';
import { GitHub, type GitHubAccess } from './client.ts';
import { GitHubFailure, reasonOf } from './failure.ts';
import type { Store } from './grammar.ts';
import { type Doubt, Records, recordName, recordPrefix } from './record.ts';
import { isReadAtQueueTime, queueTime, type ReadTimes, type RunFacts } from './staleness.ts';
import { PreparedStore, type Targets } from './store.ts';

/** A write that failed for good. */
export interface FailedWrite {
  label: string;
  /** The secret or variable. */
  name: string;
  reason: string;
  /** Whether the store surely does not hold it. */
  refused: boolean;
}

/** The record, the refresh token, and the deletion of the record. */
const REQUESTS_PER_STORE = 3;

/** The stores of a run: read, recorded in, written, swept. */
export class Stores {
  readonly github: GitHub;
  readonly targets: Targets;
  readonly #access: Omit<GitHubAccess, 'stop'>;
  readonly #stores: readonly Store[];
  readonly #appSecret: Uint8Array;
  readonly #cancellation: Cancellation;
  #prepared: readonly PreparedStore[] = [];
  #records: Records | undefined;
  #lookedAt = 0;
  /** How many writes of the refresh token have room reserved. */
  #reserved = 0;

  constructor(
    access: Omit<GitHubAccess, 'stop'>,
    stores: readonly Store[],
    targets: Targets,
    appSecret: Uint8Array,
    cancellation: Cancellation,
  ) {
    this.github = new GitHub({ ...access, stop: () => cancellation.stop });
    this.targets = targets;
    this.#access = access;
    this.#stores = stores;
    this.#appSecret = appSecret;
    this.#cancellation = cancellation;
  }

  /** The stores' labels, in the order of the input. */
  get labels(): string[] {
    return this.#stores.map(({ label }) => label);
  }

  /** The stores that have been read: none before `read`. */
  get prepared(): readonly PreparedStore[] {
    return this.#prepared;
  }

  /** When the stores were read, by GitHub's clock: milliseconds since 1970, whole seconds. */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  /** The records of this run. @throws Error before `read` */
  get records(): Records {
    if (this.#records === undefined) throw new Error('the stores have not been read');
    return this.#records;
  }

  /**
   * Reads, all at once, what writing needs, and when the run was queued where a store is read at that time.
   * @param token the refresh token in hand
   * @param run `undefined` when it does not matter when the runner read the secrets
   * @throws ActionError
   */
  async read(token: string | undefined, run: RunFacts | undefined): Promise<ReadTimes> {
    const record = this.#recordName(token);
    const reading = this.#stores.map((store) => PreparedStore.read(this.github, store, this.targets, record));
    const isQueued = run !== undefined && this.#stores.some(isReadAtQueueTime);
    const asking = isQueued ? queueTime(this.github, run) : Promise.resolve(undefined);
    const tasks: [Promise<number | undefined>, ...Promise<PreparedStore>[]] = [asking, ...reading];
    const [queuedAt, ...prepared] = await this.#cancellation.together(tasks);
    this.#prepared = prepared;
    this.#lookedAt = this.github.lastDate;
    this.useRecordOf(token);
    const startedAt = run?.jobStartedAt;
    const jobStartedAt = startedAt === undefined ? undefined : startedAt + this.github.offsetMs;
    return { queuedAt, jobStartedAt };
  }

  /** Chooses the record of this run: of a token, or of a run that asks for a fresh pair. */
  useRecordOf(token: string | undefined): void {
    this.#records = new Records(this.#recordName(token), this.targets, this.github, this.#access.log);
  }

  /** Records are named after the first target. */
  #recordName(token: string | undefined): string {
    const { refreshTokenSecret, accessTokenSecret, expiresAtVariable } = this.targets;
    const target = refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable ?? '';
    return recordName(target, token, this.#appSecret);
  }

  /** The records of this very token that were there when the stores were read. */
  get doubts(): Doubt[] {
    return this.#prepared.flatMap((store) => this.records.doubt(store) ?? []);
  }

  /** @throws ActionError `rate-limited` when GitHub's hourly limit does not cover what may follow */
  refuseShortBudget(): void {
    const needed = this.#stores.length * REQUESTS_PER_STORE;
    const short = this.github.budget.shortOf(needed);
    if (short === undefined) return;
    throw new ActionError(
      'rate-limited',
      `GitHub allows \`github-token\` ${short.remaining} more requests until ${utc(short.resetAt)}, and this run needs ${needed}.`,
      `Re-run the job after ${utc(short.resetAt)}, or use a token that is not shared with other jobs.`,
    );
  }

  /**
   * Writes the in-flight record into the first store, then into all others: of two runs that begin in the same
   * instant, the one that is first there goes on.
   * @returns where another run was first; nothing when this run may go on
   * @throws ActionError when a store cannot be written
   */
  async record(): Promise<Doubt[]> {
    const { records } = this;
    const own = records.labels;
    const [first, ...others] = this.#prepared.filter(({ label }) => !own.includes(label));
    const write = async (store: PreparedStore) => {
      await this.#room(1, 'the in-flight records');
      return records.write(store);
    };
    if (first === undefined) return [];
    const doubt = await write(first);
    if (doubt !== undefined) return [doubt];
    const doubts = await this.#cancellation.together(others.map(write));
    return doubts.filter((one) => one !== undefined);
  }

  /** Waits until GitHub's limits leave room for storing the refresh token. */
  async makeRoom(): Promise<void> {
    if (this.targets.refreshTokenSecret === undefined) return;
    this.#reserved = await this.#room(this.#stores.length, 'the refresh token');
  }

  /** Waits until there is room for so many writes, and says why. @returns how many have room then */
  #room(writes: number, what: string, mayStop = true): Promise<number> {
    const { clock, log } = this.#access;
    return this.github.budget.reserve(writes, (ms) => {
      const why = `GitHub allows 80 writes a minute, and there is no room for ${what} yet`;
      log.info(`Waiting ${duration(ms)}: ${why}.`);
      return clock.sleep(ms, mayStop ? this.#cancellation.stop : undefined);
    });
  }

  /**
   * Writes the refresh token to stores; one that fails does not stop the others.
   * @param into all stores by default
   */
  async keepToken(refreshToken: string, into = this.#prepared): Promise<FailedWrite[]> {
    const { refreshTokenSecret: name } = this.targets;
    if (name === undefined) return [];
    return everywhere(into, name, async (store, index) => {
      if (index >= this.#reserved) await this.#room(1, 'the other stores', false);
      await store.write(name, refreshToken, 'keep');
    });
  }

  /** Writes the access token and the expiry (ISO 8601, UTC) to every store; one that fails does not stop the others. */
  async keepExtras(accessToken: string, expiresAt: string): Promise<FailedWrite[]> {
    const { accessTokenSecret: secret, expiresAtVariable: variable } = this.targets;
    const failed = await Promise.all([
      secret === undefined
        ? []
        : everywhere(this.#prepared, secret, (store) => store.write(secret, accessToken, 'extra')),
      variable === undefined
        ? []
        : everywhere(this.#prepared, variable, (store) => store.writeVariable(variable, expiresAt)),
    ]);
    return failed.flat();
  }

  /**
   * Deletes the records of older runs, and those that lock nothing. Never throws: the next run does the rest.
   * @param tokens what this run was given: a run that still holds one of them must find its record
   * @param until when the main step read the stores (ms since 1970): younger records belong to later runs
   */
  async sweep(tokens: (string | undefined)[], until: number): Promise<void> {
    const { refreshTokenSecret: target } = this.targets;
    if (target === undefined) return;
    const keep = tokens.flatMap((token) => (token === undefined ? [] : this.#recordName(token)));
    const old = this.#prepared.flatMap((store) => {
      const isOld = (name: string) => (store.facts(name)?.createdAt ?? 0) <= until;
      const names = new Set(store.names(recordPrefix(target)).filter(isOld));
      if (this.records.locksNothing) names.add(this.records.name);
      return [...names].filter((name) => !keep.includes(name)).map((name) => ({ store, name }));
    });
    const ended = await Promise.allSettled(old.map(({ store, name }) => store.remove(name, 'sweep')));
    const failed = ended.filter(({ status }) => status === 'rejected').length;
    this.#access.log.debug(`deleted ${old.length - failed} of ${old.length} records of older runs`);
  }
}

async function everywhere(
  stores: readonly PreparedStore[],
  name: string,
  write: (store: PreparedStore, index: number) => Promise<unknown>,
): Promise<FailedWrite[]> {
  const outcomes = await Promise.all(
    stores.map(async (store, index): Promise<FailedWrite | undefined> => {
      try {
        await write(store, index);
        return undefined;
      } catch (error) {
        // Whatever it was, the other stores still get their turn.
        const { status = 500, maybeDone = true } = error instanceof GitHubFailure ? error : {};
        return { label: store.label, name, reason: reasonOf(error), refused: status < 500 && !maybeDone };
      }
    }),
  );
  return outcomes.filter((one) => one !== undefined);
}
