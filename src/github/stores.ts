import type { Cancellation } from '../cancellation.ts';
import { ActionError } from '../errors.ts';
import { duration, utc } from '../text.ts';
import { GitHub, type GitHubAccess, type OnAttempt } from './client.ts';
import { everywhere, type FailedWrite, failedWrite, type Stored, type Unread } from './failure.ts';
import type { Store } from './grammar.ts';
import { type Doubt, isRecordOf, Records, recordName } from './record.ts';
import { isReadAtQueueTime, queueTime, type ReadTimes, type RunFacts } from './staleness.ts';
import { PreparedStore, type Targets } from './store.ts';

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
    this.records = this.#recordsNamed(this.recordName(undefined));
  }

  /**
   * Reads, all at once, what writing needs, and when the run was queued where a store is read at that time.
   * @param token the refresh token in hand
   * @param run `undefined` when it does not matter when the runner read the secrets
   * @throws ActionError
   */
  async read(token: string | undefined, run: RunFacts | undefined): Promise<ReadTimes> {
    const record = this.recordName(token);
    const reading = this.stores.map((store) => PreparedStore.read(this.github, store, this.targets, [record]));
    const isQueued = run !== undefined && this.stores.some(isReadAtQueueTime);
    const asking = isQueued ? queueTime(this.github, run) : Promise.resolve(undefined);
    const tasks: [typeof asking, ...typeof reading] = [asking, ...reading];
    const [queuedAt, ...prepared] = await this.cancellation.together(tasks);
    this.#take(prepared, record);
    const startedAt = run?.jobStartedAt;
    return { queuedAt, jobStartedAt: startedAt === undefined ? undefined : startedAt + this.github.offsetMs };
  }

  /**
   * Reads the stores again, each by itself, for a post step.
   * @param records the name of the main step's record, and those of others that matter
   * @param then what to do with a store as soon as it is read: then no signal and no pause keeps it from being read
   * @returns the stores where one of both failed
   * @throws ActionError when no store can be read
   */
  async readAgain(
    records: [string, ...string[]],
    then?: (store: PreparedStore) => Promise<unknown>,
  ): Promise<Unread[]> {
    const { github, stores, targets } = this;
    const prepared: PreparedStore[][] = [];
    const read = async (store: Store, index: number): Promise<Unread[]> => {
      try {
        const one = await PreparedStore.read(github, store, targets, records, then === undefined ? 'tidy' : 'need');
        prepared[index] = [one];
        await then?.(one);
        return [];
      } catch (error) {
        return [{ ...failedWrite(store.label, targets.refreshTokenSecret ?? '', error), error }];
      }
    };
    const failed = (await Promise.all(stores.map(read))).flat();
    if (prepared.length === 0) throw failed[0]?.error;
    this.#take(prepared.flat(), records[0]);
    return failed;
  }

  #take(prepared: readonly PreparedStore[], record: string): void {
    this.prepared = prepared;
    this.lookedAt = this.github.lastDate;
    this.records = this.#recordsNamed(record);
  }

  /** Chooses the record of this run: of a token, or of a run that asks for a fresh pair. */
  useRecordOf(token: string | undefined): void {
    this.records = this.#recordsNamed(this.recordName(token));
  }

  #recordsNamed(name: string): Records {
    return new Records(name, this.targets, this.github, this.access.log);
  }

  /** GitHub's time now. A small difference between the clocks counts as none: no record of this run is younger. */
  get time(): number {
    return Math.max(this.github.now(), this.github.lastDate);
  }

  /** The name of the record of a token. */
  recordName(token: string | undefined): string {
    return recordName(this.#first, token, this.appSecret);
  }

  /** Whether a secret is a record of a run with this target. */
  isRecord(name: string): boolean {
    return isRecordOf(this.#first, name);
  }

  /** The target after which records are named. */
  get #first(): string {
    const { refreshTokenSecret, accessTokenSecret, expiresAtVariable } = this.targets;
    return refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable ?? '';
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

  /**
   * @param needed by default the record, the refresh token, and the deletion of the record
   * @throws ActionError `rate-limited` when GitHub's hourly limit does not cover that
   */
  refuseShortBudget(needed = 3 * this.stores.length): void {
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
   * @param onDoubt told at once of a store where another run was first
   * @returns where another run was first; nothing when this run may go on
   * @throws ActionError when a store cannot be written
   */
  async record(onDoubt?: (store: PreparedStore) => void): Promise<Doubt[]> {
    const { records } = this;
    const own = records.labels;
    const [first, ...others] = this.prepared.filter(({ label }) => !own.includes(label));
    const write = async (store: PreparedStore) => {
      await this.#room(1, 'the in-flight records');
      return records.write(store, onDoubt);
    };
    if (first === undefined) return [];
    const doubt = await write(first);
    if (doubt !== undefined) return [doubt];
    const doubts = await this.cancellation.together(others.map(write));
    return doubts.filter((one) => one !== undefined);
  }

  /** Waits until GitHub's limits leave room for storing the refresh token. @throws ActionError `rate-limited` */
  async makeRoom(): Promise<void> {
    if (this.targets.refreshTokenSecret === undefined) return;
    // Others may have used up what was left before the first record.
    this.refuseShortBudget(this.stores.length);
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

  /** Writes the refresh token to every store; one that fails does not stop the others. */
  async keepToken(refreshToken: string): Promise<Stored> {
    const { labels: into, prepared, targets } = this;
    const { refreshTokenSecret: name } = targets;
    if (name === undefined) return { into: [], failed: [], others: 0 };
    this.github.budget.renew();
    const failed = await everywhere(prepared, name, async (store, index) => {
      if (index >= this.#reserved) await this.#room(1, 'the other stores', false);
      await store.write(name, refreshToken, 'keep');
    });
    return { into, failed, others: into.length - failed.length };
  }

  /** Writes the refresh token to one store, in a post step. @param onAttempt what it throws ends the attempts */
  async keepIn(store: PreparedStore, refreshToken: string, onAttempt?: OnAttempt): Promise<void> {
    await this.#room(1, 'the refresh token', false);
    await store.write(this.targets.refreshTokenSecret ?? '', refreshToken, 'keep', onAttempt);
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
    const { records } = this;
    // Its own too: in the post step the workflow may give another token.
    const keep = [records.name, ...tokens.flatMap((token) => (token === undefined ? [] : this.recordName(token)))];
    await Promise.allSettled(this.prepared.map((store) => store.readOn()));
    const old = this.prepared.flatMap((store) => {
      const known = [...store.secrets].filter(([name, { createdAt }]) => this.isRecord(name) && createdAt <= until);
      const names = known.map(([name]) => name).filter((name) => !keep.includes(name));
      return [...names, ...(records.locksNothing ? [records.name] : [])].map((name) => ({ store, name }));
    });
    const ended = await Promise.allSettled(old.map(({ store, name }) => store.remove(name, 'sweep')));
    const failed = ended.filter(({ status }) => status === 'rejected').length;
    this.access.log.debug(`deleted ${old.length - failed} of ${old.length} records of older runs`);
  }
}
