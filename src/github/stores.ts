import type { Cancellation } from '../cancellation.ts';
import { ActionError } from '../errors.ts';
import { duration, utc } from '../text.ts';
import { GitHub, type GitHubAccess } from './client.ts';
import { reasonOf } from './failure.ts';
import type { Store } from './grammar.ts';
import { type Doubt, MARK, Records, recordName } from './record.ts';
import { isReadAtQueueTime, queueTime, type ReadTimes, type RunFacts } from './staleness.ts';
import { everywhere, type FailedWrite, PreparedStore, type Targets } from './store.ts';

/** A store that cannot be read, so that the refresh token cannot be written there. */
type Unread = Omit<FailedWrite, 'store'> & { error: unknown };

/** The stores of a run: read, recorded in, written, swept. */
export class Stores {
  readonly github: GitHub;
  /** In the order of the input. */
  readonly labels: readonly string[];
  /** None before `read`. */
  prepared: readonly PreparedStore[] = [];
  /** When they were read, by GitHub's clock: milliseconds since 1970, whole seconds. */
  lookedAt = 0;
  /** The records of this run. */
  records: Records;
  /** How many writes of the refresh token have room reserved. */
  #reserved = 0;

  constructor(
    private readonly access: Omit<GitHubAccess, 'stop'>,
    private readonly stores: readonly Store[],
    readonly targets: Targets,
    private readonly appSecret: Uint8Array,
    private readonly cancellation: Cancellation,
  ) {
    this.github = new GitHub({ ...access, stop: () => cancellation.stop });
    this.labels = stores.map(({ label }) => label);
    this.records = this.#recordsOf(undefined);
  }

  /**
   * Reads, all at once, what writing needs, and when the run was queued where a store is read at that time.
   * @param token the refresh token in hand
   * @param run `undefined` when it does not matter when the runner read the secrets
   * @throws ActionError
   */
  async read(token: string | undefined, run: RunFacts | undefined): Promise<ReadTimes> {
    const reading = this.#reading(token);
    const isQueued = run !== undefined && this.stores.some(isReadAtQueueTime);
    const asking = isQueued ? queueTime(this.github, run) : Promise.resolve(undefined);
    const tasks: [typeof asking, ...typeof reading] = [asking, ...reading];
    const [queuedAt, ...prepared] = await this.cancellation.together(tasks);
    this.#take(prepared, token);
    const startedAt = run?.jobStartedAt;
    return { queuedAt, jobStartedAt: startedAt === undefined ? undefined : startedAt + this.github.offsetMs };
  }

  /** Reads the stores that can be read. @returns the others, each with its failure @throws ActionError if there is none */
  async readSome(token: string | undefined): Promise<Unread[]> {
    const ended = await Promise.allSettled(this.#reading(token));
    const name = this.targets.refreshTokenSecret ?? '';
    const unread = ended.flatMap((one, index): Unread[] => {
      if (one.status === 'fulfilled') return [];
      const error: unknown = one.reason;
      return [{ label: this.labels[index] ?? '', name, reason: reasonOf(error), refused: false, error }];
    });
    if (unread.length === ended.length) throw unread[0]?.error;
    this.#take(
      ended.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
      token,
    );
    return unread;
  }

  #reading(token: string | undefined): Promise<PreparedStore>[] {
    const record = this.#recordName(token);
    return this.stores.map((store) => PreparedStore.read(this.github, store, this.targets, record));
  }

  #take(prepared: readonly PreparedStore[], token: string | undefined): void {
    this.prepared = prepared;
    this.lookedAt = this.github.lastDate;
    this.useRecordOf(token);
  }

  /** Chooses the record of this run: of a token, or of a run that asks for a fresh pair. */
  useRecordOf(token: string | undefined): void {
    this.records = this.#recordsOf(token);
  }

  #recordsOf(token: string | undefined): Records {
    return new Records(this.#recordName(token), this.targets, this.github, this.access.log);
  }

  /** Records are named after the first target. */
  #recordName(token: string | undefined): string {
    const { refreshTokenSecret, accessTokenSecret, expiresAtVariable } = this.targets;
    const target = refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable ?? '';
    return recordName(target, token, this.appSecret);
  }

  /** The records of this very token that were there when the stores were read. */
  get doubts(): Doubt[] {
    const found = this.prepared.flatMap((store) => this.records.doubt(store) ?? []);
    if (found.length === 0) return [];
    // A store that is full has no record, but may lack the successor all the same.
    const createdAt = Math.min(...found.map((one) => one.createdAt));
    const others = this.prepared.filter((store) => !found.some((one) => one.store === store) && store.places <= 0);
    const updatedAt = (store: PreparedStore) => store.facts(this.targets.refreshTokenSecret ?? '')?.updatedAt;
    return [...found, ...others.map((store) => ({ store, createdAt, updatedAt: updatedAt(store) }))];
  }

  /** @throws ActionError `rate-limited` when GitHub's hourly limit does not cover what may follow */
  refuseShortBudget(): void {
    // The record, the refresh token, and the deletion of the record.
    const needed = 3 * this.stores.length;
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
    const [first, ...others] = this.prepared.filter(({ label }) => !own.includes(label));
    const write = async (store: PreparedStore) => {
      await this.#room(1, 'the in-flight records');
      return records.write(store);
    };
    if (first === undefined) return [];
    const doubt = await write(first);
    if (doubt !== undefined) return [doubt];
    const doubts = await this.cancellation.together(others.map(write));
    return doubts.filter((one) => one !== undefined);
  }

  /** Waits until GitHub's limits leave room for storing the refresh token. */
  async makeRoom(): Promise<void> {
    if (this.targets.refreshTokenSecret === undefined) return;
    this.#reserved = await this.#room(this.stores.length, 'the refresh token');
  }

  /** Waits until there is room for so many writes, and says why. @returns how many have room then */
  #room(writes: number, what: string, mayStop = true): Promise<number> {
    const { clock, log } = this.access;
    return this.github.budget.reserve(writes, (ms) => {
      const why = `GitHub allows 80 writes a minute, and there is no room for ${what} yet`;
      log.info(`Waiting ${duration(ms)}: ${why}.`);
      return clock.sleep(ms, mayStop ? this.cancellation.stop : undefined).catch(() => {
        throw new ActionError('cancelled', 'The run was cancelled while it waited for GitHub.', 'Re-run the job.');
      });
    });
  }

  /**
   * Writes the refresh token to stores; one that fails does not stop the others.
   * @param into all stores by default
   */
  async keepToken(refreshToken: string, into = this.prepared): Promise<FailedWrite[]> {
    const { refreshTokenSecret: name } = this.targets;
    if (name === undefined) return [];
    return everywhere(into, name, async (store, index) => {
      if (index >= this.#reserved) await this.#room(1, 'the other stores', false);
      await store.write(name, refreshToken, 'keep');
    });
  }

  /** Writes the access token and the expiry (ISO 8601, UTC) to every store; one that fails does not stop the others. */
  async keepExtras(accessToken: string, expiresAt: string): Promise<FailedWrite[]> {
    const { accessTokenSecret: secret = '', expiresAtVariable: variable = '' } = this.targets;
    const into = (name: string) => (name === '' ? [] : this.prepared);
    const failed = await everywhere(into(secret), secret, (store) => store.write(secret, accessToken, 'extra'));
    // Beside an older access token, the new expiry would let a later run hand out what is dead.
    const holders = into(variable).filter((one) => !failed.some(({ store }) => store === one));
    const others = await everywhere(holders, variable, (store) => store.writeVariable(variable, expiresAt));
    return [...failed, ...others];
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
    const old = this.prepared.flatMap((store) => {
      const known = [...store.secrets].filter(([name]) => name.startsWith(target + MARK));
      const names = new Set(known.flatMap(([name, { createdAt }]) => (createdAt <= until ? name : [])));
      if (this.records.locksNothing) names.add(this.records.name);
      return [...names].filter((name) => !keep.includes(name)).map((name) => ({ store, name }));
    });
    const ended = await Promise.allSettled(old.map(({ store, name }) => store.remove(name, 'sweep')));
    const failed = ended.filter(({ status }) => status === 'rejected').length;
    this.access.log.debug(`deleted ${old.length - failed} of ${old.length} records of older runs`);
  }
}
