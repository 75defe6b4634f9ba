import type { Cancellation } from '../cancellation.ts';
import type { Clock } from '../clock.ts';
import { ActionError } from '../errors.ts';
import { duration, type Log, utc } from '../text.ts';
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

/** The stores of a run: read, recorded in, written. */
export class Stores {
  readonly targets: Targets;
  readonly github: GitHub;
  readonly #appSecret: Uint8Array;
  readonly #stores: readonly Store[];
  readonly #cancellation: Cancellation;
  readonly #clock: Clock;
  readonly #log: Log;
  #prepared: readonly PreparedStore[] = [];
  #records: Records | undefined;
  /** How many writes of the refresh token have room reserved. */
  #reserved = 0;
  #lookedAt = 0;

  constructor(
    access: Omit<GitHubAccess, 'stop'>,
    stores: readonly Store[],
    targets: Targets,
    appSecret: Uint8Array,
    cancellation: Cancellation,
  ) {
    this.#appSecret = appSecret;
    this.github = new GitHub({ ...access, stop: () => cancellation.stop });
    this.targets = targets;
    this.#stores = stores;
    this.#cancellation = cancellation;
    this.#clock = access.clock;
    this.#log = access.log;
  }

  /** The stores' labels, in the order of the input. */
  get labels(): string[] {
    return this.#stores.map(({ label }) => label);
  }

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
    const queued = run !== undefined && this.#stores.some(isReadAtQueueTime);
    const reading = this.#stores.map((store) => PreparedStore.read(this.github, store, this.targets, record));
    const asking = queued ? queueTime(this.github, run) : Promise.resolve(undefined);
    const [queuedAt, ...prepared] = await this.#all<[number | undefined, ...PreparedStore[]]>([
      asking,
      ...reading,
    ]);
    this.#prepared = prepared;
    this.#lookedAt = this.github.lastDate;
    this.useRecordOf(token);
    const startedAt = run?.jobStartedAt;
    const jobStartedAt = startedAt === undefined ? undefined : startedAt + this.github.offsetMs;
    return { queuedAt, jobStartedAt };
  }

  /** Chooses the record of this run: of a token, or of a run that asks for a fresh pair. */
  useRecordOf(token: string | undefined): void {
    this.#records = new Records(this.#recordName(token), this.targets, this.#prepared, this.#lookedAt);
  }

  /** Records are named after the first target. */
  #recordName(token: string | undefined): string {
    const { refreshTokenSecret, accessTokenSecret, expiresAtVariable } = this.targets;
    const target = refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable ?? '';
    return recordName(target, token, this.#appSecret);
  }

  /** The records of this very token that were there when the stores were read. */
  get doubts(): Doubt[] {
    const { name, locksNothing } = this.records;
    if (locksNothing) return [];
    return this.#prepared.flatMap((store) => {
      const record = store.facts(name);
      if (record === undefined) return [];
      const target = this.targets.refreshTokenSecret;
      const updatedAt = target === undefined ? undefined : store.facts(target)?.updatedAt;
      return [{ store, createdAt: record.createdAt, updatedAt }];
    });
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

  /** Writes the in-flight record into every store. @returns where another run was first @throws ActionError */
  async record(): Promise<Doubt[]> {
    const room = async () => void (await this.#room(1, 'the in-flight records'));
    return this.records.write(room, (tasks) => this.#all(tasks), this.#log);
  }

  /** Waits until GitHub's limits leave room for storing the refresh token. */
  async makeRoom(): Promise<void> {
    if (this.targets.refreshTokenSecret === undefined) return;
    this.#reserved = await this.#room(this.#stores.length, 'the refresh token');
  }

  /** Waits until there is room for so many writes, and says why. */
  #room(writes: number, what: string, mayStop = true): Promise<number> {
    return this.github.budget.reserve(writes, (ms) => {
      const why = `GitHub allows 80 writes a minute, and there is no room for ${what} yet`;
      this.#log.info(`Waiting ${duration(ms)}: ${why}.`);
      return this.#clock.sleep(ms, mayStop ? this.#cancellation.stop : undefined);
    });
  }

  /**
   * Writes the refresh token to stores; one that fails does not stop the others.
   * @param into all stores by default
   */
  async keepToken(refreshToken: string, into = this.#prepared): Promise<FailedWrite[]> {
    const { refreshTokenSecret: name } = this.targets;
    if (name === undefined) return [];
    return this.#everywhere(into, name, async (store, index) => {
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
        : this.#everywhere(this.#prepared, secret, async (store) => {
            await store.write(secret, accessToken, 'extra');
          }),
      variable === undefined
        ? []
        : this.#everywhere(this.#prepared, variable, (store) => store.writeVariable(variable, expiresAt)),
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
    this.#log.debug(`deleted ${old.length - failed} of ${old.length} records of older runs`);
  }

  async #everywhere(
    stores: readonly PreparedStore[],
    name: string,
    write: (store: PreparedStore, index: number) => Promise<void>,
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

  /** What all the tasks give, or the first error, with the number of the others that failed. */
  async #all<T extends readonly unknown[]>(tasks: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
    try {
      return await this.#cancellation.together<T>(tasks);
    } catch (first) {
      const ended = await Promise.allSettled(tasks);
      const errors = ended.map((one): unknown => (one.status === 'rejected' ? one.reason : first));
      // What was stopped, on its way or while it waited, has not failed by itself.
      const others = errors.filter(
        (one) => one !== first && one instanceof GitHubFailure && !one.stopped,
      ).length;
      if (!(first instanceof ActionError) || others === 0) throw first;
      throw new ActionError(
        first.code,
        `${first.message} (${others} more ${others === 1 ? 'check' : 'checks'} failed as well.)`,
        first.remedy,
        { cause: first },
      );
    }
  }
}
