import { ActionError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type GitHub, type GitHubAccess, gitHub } from './client.ts';
import { GitHubFailure } from './failure.ts';
import { PreparedStore, type Targets, targetSecrets } from './prepared-store.ts';
import { Probe } from './probe.ts';
import { queueTime, type RunFacts, refuseStaleToken, warnOfLongQueue } from './staleness.ts';
import type { Store } from './stores.ts';
import { together } from './together.ts';

/** What is written after the refresh token. */
export interface Extras {
  accessToken: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
}

/** A write that failed for good. */
export interface FailedWrite {
  label: string;
  /** The secret or variable. */
  name: string;
  reason: string;
}

/** The stores of a run: prepared, proved writable, written, and left without a probe. */
export class WriteBack {
  readonly targets: Targets;
  readonly #stores: readonly Store[];
  readonly #github: GitHub;
  readonly #log: Log;
  #prepared: PreparedStore[] = [];
  #probes: Probe[] = [];
  #removal: Promise<unknown> | undefined;
  #storing = false;
  readonly #giveUp = new AbortController();

  constructor(access: Omit<GitHubAccess, 'impatience'>, stores: readonly Store[], targets: Targets) {
    this.#github = gitHub({ ...access, impatience: this.#giveUp.signal });
    this.#log = access.log;
    this.#stores = stores;
    this.targets = targets;
  }

  /** The stores' labels, in the order of the input. */
  get labels(): string[] {
    return this.#stores.map(({ label }) => label);
  }

  /**
   * Reads what writing needs, and refuses a stale token.
   * @param run `undefined` when the token in hand did not come from a secret, so that it cannot be stale
   * @throws ActionError; nothing has changed anywhere then
   */
  async read(run: RunFacts | undefined): Promise<void> {
    const { refreshTokenSecret } = this.targets;
    const checked = run !== undefined && refreshTokenSecret !== undefined ? run : undefined;
    const queuedAt = checked ? queueTime(this.#github, checked) : Promise.resolve(undefined);
    const reading = this.#stores.map((store) =>
      PreparedStore.read(this.#github, store, this.targets, this.#giveUp),
    );
    this.#prepared = await this.#allOrFirstError(reading, queuedAt);
    if (checked === undefined || refreshTokenSecret === undefined) return;
    const { jobStartedAt } = checked;
    const times = {
      queuedAt: await queuedAt,
      jobStartedAt: jobStartedAt === undefined ? undefined : jobStartedAt + this.#github.clockOffsetMs(),
    };
    refuseStaleToken(this.#prepared, refreshTokenSecret, times);
    warnOfLongQueue(this.#prepared, times, this.#log);
  }

  /**
   * Proves that each store can be written, by writing a probe. `removeProbes` has to follow, whatever
   * comes of it.
   * @throws ActionError that names the store
   */
  async prove(): Promise<void> {
    const secrets = targetSecrets(this.targets);
    const [first] = secrets;
    if (first === undefined) return;
    this.#probes = this.#prepared.map((store) => new Probe(store, first));
    await this.#allOrFirstError(this.#probes.map((probe) => probe.plant(secrets, this.#log)));
  }

  /**
   * Makes the next write to each store ready, one at a turn of the event loop, until storing begins. Never
   * throws.
   */
  async makeReady(): Promise<void> {
    if (targetSecrets(this.targets).length === 0) return;
    for (const store of this.#prepared) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#storing) return;
      await store.makeReady();
    }
  }

  /** Begins to delete the probes, beside whatever comes next. `removeProbes` and `clearUp` wait for it. */
  beginRemoval(): void {
    this.#removal ??= Promise.allSettled(this.#probes.map((probe) => probe.remove(false)));
  }

  /** Deletes the probes. Never throws: what it could not delete is left to `clearUp`. */
  async removeProbes(): Promise<void> {
    this.beginRemoval();
    await this.#removal;
  }

  /** Deletes, in a hurry and deaf to cancellation, what is left of the probes, and warns of what stays. */
  async clearUp(): Promise<void> {
    await this.#removal;
    const left = this.#probes.filter((probe) => probe.planted);
    await Promise.all(
      left.map(async (probe) => {
        try {
          await probe.remove(true);
        } catch (error) {
          if (probe.refused) return;
          const reason = error instanceof GitHubFailure ? error.message : 'an unexpected error';
          this.#log.warning(
            `The probe ${probe.name} could not be deleted from the store ${probe.label}: ${reason}. It holds no secret; delete it by hand, or leave it to the next run.`,
          );
        }
      }),
    );
  }

  /** Writes the refresh token to every store; one that fails does not stop the others. */
  async keepRefreshToken(refreshToken: string): Promise<FailedWrite[]> {
    const { refreshTokenSecret } = this.targets;
    this.#storing = true;
    if (refreshTokenSecret === undefined) return [];
    return this.#everywhere(refreshTokenSecret, (store) =>
      store.write(refreshTokenSecret, refreshToken, { stubborn: true }),
    );
  }

  /** Writes the access token and the expiry to every store; one that fails does not stop the others. */
  async keepExtras({ accessToken, expiresAt }: Extras): Promise<FailedWrite[]> {
    this.#storing = true;
    const { accessTokenSecret, expiresAtVariable } = this.targets;
    const failed = await Promise.all([
      accessTokenSecret === undefined
        ? []
        : this.#everywhere(accessTokenSecret, (store) => store.write(accessTokenSecret, accessToken)),
      expiresAtVariable === undefined
        ? []
        : this.#everywhere(expiresAtVariable, (store) => store.writeVariable(expiresAtVariable, expiresAt)),
    ]);
    return failed.flat();
  }

  async #everywhere(name: string, write: (store: PreparedStore) => Promise<void>): Promise<FailedWrite[]> {
    const failed: FailedWrite[] = [];
    await Promise.all(
      this.#prepared.map(async (store) => {
        try {
          await write(store);
        } catch (error) {
          // Whatever it was, the other stores and the envelope still have to get their turn.
          const reason = error instanceof GitHubFailure ? error.message : 'an unexpected error';
          failed.push({ label: store.store.label, name, reason });
        }
      }),
    );
    return failed;
  }

  /** What all the tasks give, or the first error, with the number of the others that failed. */
  async #allOrFirstError<T>(tasks: readonly Promise<T>[], ...beside: Promise<unknown>[]): Promise<T[]> {
    try {
      await together([...tasks, ...beside], this.#giveUp);
      return await Promise.all(tasks);
    } catch (first) {
      const ended = await Promise.allSettled([...tasks, ...beside]);
      const others = ended.filter(({ status }) => status === 'rejected').length - 1;
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
