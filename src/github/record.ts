import { createHmac, hkdfSync } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { type Log, list } from '../text.ts';
import type { GitHub, Manner, OnAttempt, Reply } from './client.ts';
import { everywhere, type FailedWrite, GitHubFailure } from './failure.ts';
import { deletion } from './grammar.ts';
import { type PreparedStore, type Targets, targetSecrets } from './store.ts';

/** What stands between the name of a target and a fingerprint in the name of a record. */
const MARK = '_IN_FLIGHT_';
/** In place of a fingerprint: the run has no token that could be used twice. */
const NO_TOKEN = 'ORG';
/** How far GitHub's clock may be from what slow answers tell of it. */
const UNSURE_MS = 10_000;
/** This run has created the record, whenever that was. */
const SURELY = Number.NEGATIVE_INFINITY;
/** Nobody reads it: what counts is that the record exists. */
const VALUE = 'A run of cobo-refresh-action used a refresh token. The name of this secret says which one.';

/**
 * The name of the in-flight record of a refresh token: the target's, and a fingerprint that tells nobody anything
 * about the token (HMAC-SHA-256 under a key derived from the app secret with HKDF-SHA-256).
 * @param target the secret that receives the successor
 * @param token `undefined` for a run that asks for a fresh pair
 * @param appSecret the 32-byte seed
 */
export function recordName(target: string, token: string | undefined, appSecret: Uint8Array): string {
  if (token === undefined) return target + MARK + NO_TOKEN;
  const key = hkdfSync('sha256', appSecret, '', 'cobo-refresh-action in-flight record v1', 32);
  const digest = createHmac('sha256', Buffer.from(key)).update(token, 'utf8').digest('hex');
  return target + MARK + digest.slice(0, 12).toUpperCase();
}

/** Whether a secret has the name of a record of that target. */
export function isRecordOf(target: string, name: string): boolean {
  const mark = name.startsWith(target + MARK) ? name.slice(target.length + MARK.length) : '';
  return mark === NO_TOKEN || /^[0-9A-F]{12}$/.test(mark);
}

/** A record of this very token that another run has created. Times in milliseconds since 1970. */
export interface Doubt {
  store: PreparedStore;
  createdAt: number;
  /** When the target secret was last updated; `undefined` if it is not there. */
  updatedAt: number | undefined;
}

/**
 * The in-flight records of a run: a proof that each store can be written, a lock on the token in hand, and a note
 * that outlives the run. GitHub answers 201 to the first PUT of a name and 204 to every later one, so that of all
 * runs with the same token one goes on.
 */
export class Records {
  /** GitHub's time when the stores had been read, to the second. */
  readonly #since: number;
  /**
   * Stores whose record this run has created, or may have created: GitHub's time at the first attempt that may have
   * done it, to the second, or `SURELY`. A record that is older than that is not this run's.
   */
  readonly #own = new Map<PreparedStore, number>();

  constructor(
    readonly name: string,
    private readonly targets: Targets,
    private readonly github: Pick<GitHub, 'lastDate' | 'now'>,
    private readonly log: Log,
  ) {
    this.#since = github.lastDate;
  }

  /** Whether it belongs to no token in particular. */
  get locksNothing(): boolean {
    return this.name.endsWith(MARK + NO_TOKEN);
  }

  /** A variable stands for the record where no secret is written. Nobody is first then. */
  get kind(): 'secret' | 'variable' {
    return targetSecrets(this.targets).length === 0 ? 'variable' : 'secret';
  }

  /** Whether they stand beside a refresh token that is stored. */
  get areOfToken(): boolean {
    return this.targets.refreshTokenSecret !== undefined;
  }

  get isVariable(): boolean {
    return this.kind === 'variable';
  }

  /** The labels of the stores that may hold a record of this run. */
  get labels(): string[] {
    return [...this.#own.keys()].map(({ label }) => label);
  }

  /** Takes over records that the main step of this job has created. */
  takeOver(stores: readonly PreparedStore[]): void {
    for (const store of stores) this.#own.set(store, SURELY);
  }

  /** The record of another run, if it locks this very token and was there when the store was read. */
  doubt(store: PreparedStore): Doubt | undefined {
    const record = store.facts(this.name);
    if (record === undefined || this.locksNothing) return undefined;
    const updatedAt = store.facts(this.targets.refreshTokenSecret ?? '')?.updatedAt;
    return { store, createdAt: record.createdAt, updatedAt };
  }

  /**
   * Writes the record into a store.
   * @returns the record of another run that was first; `undefined` when this run may go on
   * @throws ActionError when the store cannot be written
   */
  async write(store: PreparedStore, onDoubt?: (store: PreparedStore) => void): Promise<Doubt | undefined> {
    this.#refuseLastPlace(store);
    let since = this.#now();
    this.#own.set(store, since);
    let isLost = false;
    // What another run created before the first attempt whose answer was lost is not this run's.
    const onAttempt: OnAttempt = (last) => {
      isLost ||= last?.maybeDone === true;
      if (!isLost) since = this.#now();
      this.#own.set(store, since);
    };
    let reply: Partial<Reply>;
    try {
      reply = await (this.isVariable
        ? store.createVariable(this.name, VALUE, 'record')
        : store.write(this.name, VALUE, 'record', onAttempt));
    } catch (error) {
      if (!(error instanceof GitHubFailure)) throw error;
      if (!error.maybeDone) this.#own.delete(store);
      this.#goOnWhenFull(store, error);
      return undefined;
    }
    const { status, maybeDone } = reply;
    if (status === 201 || this.locksNothing || this.isVariable || (maybeDone && (await this.#isOwn(store, 'record')))) {
      this.#own.set(store, SURELY);
      return undefined;
    }
    this.#own.delete(store);
    onDoubt?.(store);
    const { refreshTokenSecret: target } = this.targets;
    const looking = [store.look(this.name), target === undefined ? undefined : store.look(target)];
    const [record, secret] = await Promise.all(looking);
    return { store, createdAt: record?.createdAt ?? since, updatedAt: secret?.updatedAt };
  }

  /** The earliest time, to the second, that GitHub may give to a record that is written now. */
  #now(): number {
    const surely = Math.floor((this.github.now() - UNSURE_MS) / 1000) * 1000;
    return Math.max(this.#since, this.github.lastDate, surely);
  }

  /** Whether a record that is there was created by this run. */
  async #isOwn(store: PreparedStore, manner: Manner): Promise<boolean> {
    const since = this.#own.get(store) ?? SURELY;
    if (since === SURELY) return true;
    const facts = await store.look(this.name, manner);
    return facts !== undefined && facts.createdAt >= since;
  }

  /** The record must not take the place that a target needs. @throws ActionError `store-full` */
  #refuseLastPlace(store: PreparedStore): void {
    const takesNone = this.isVariable || store.facts(this.name) !== undefined;
    const missing = this.#missing(store).length;
    // A store without any place refuses a new record by itself, but takes one that is there.
    const isFull = takesNone ? missing > 0 && store.places < missing : store.places > 0 && store.places <= missing;
    if (isFull) throw this.#full(store);
  }

  /** The targets that the store does not hold. */
  #missing(store: PreparedStore): string[] {
    return targetSecrets(this.targets).filter((name) => store.facts(name) === undefined);
  }

  #full(store: PreparedStore, cause?: GitHubFailure): ActionError {
    const places = store.places > 0 ? ` but for ${store.places}, and an in-flight record needs one` : '';
    const why = cause === undefined ? '' : `: ${cause.reason}`;
    const targets = list(this.#missing(store));
    const message = `The store \`${store.label}\` is full${places}, so ${targets} cannot be created there${why}.`;
    const remedy = 'Delete a secret that is not needed, or use another store.';
    return new ActionError('store-full', message, remedy, { cause });
  }

  /** A store that is full can still take a target that it holds. @throws ActionError in any other case */
  #goOnWhenFull(store: PreparedStore, error: GitHubFailure): void {
    // A limit that passes, and a token that may not write, say nothing of room.
    const isOther = error.again !== undefined || /not accessible|archived/i.test(error.reason);
    const mayBeFull = !isOther && [403, 409, 422].includes(error.status ?? 0);
    if (this.isVariable || !mayBeFull || store.places > 0) throw error;
    if (this.#missing(store).length > 0) throw this.#full(store, error);
    this.log.warning(
      `The store \`${store.label}\` is full, so it has no in-flight record of this run. The secrets that have to be stored exist and can be updated. Delete a secret that is not needed.`,
    );
  }

  /**
   * Deletes the records of this run. One whose answer was lost is looked at first: another run may have created it.
   * @returns the failures; the records may still be there
   */
  remove(): Promise<FailedWrite[]> {
    return everywhere([...this.#own.keys()], this.name, async (store) => {
      if (this.isVariable) await store.removeVariable(this.name);
      else if (await this.#isOwn(store, 'tidy')) await store.remove(this.name, 'tidy');
      this.#own.delete(store);
    });
  }

  /** The command that deletes the record from a store. */
  command({ store }: PreparedStore): string {
    return deletion(store, this.kind, this.name);
  }
}
