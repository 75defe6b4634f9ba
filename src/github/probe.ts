import { ActionError } from '../errors.ts';
import type { Log } from '../log.ts';
import { GitHubFailure, storeError } from './failure.ts';
import type { PreparedStore } from './prepared-store.ts';
import { probeName } from './probe-name.ts';

/** GitHub's limits for the number of secrets, by kind of store. */
const MOST_SECRETS = { repository: 100, environment: 100, dependabot: 100, organization: 1000 } as const;

/**
 * A secret with nothing in it that is written and deleted before anything is spent: the only proof that
 * writing works, for GitHub tells nobody which permissions a token has.
 *
 * Its name derives from the target's and is always the same, so that one that a killed run left behind is
 * cleared by the next run.
 */
export class Probe {
  readonly name: string;
  readonly #store: PreparedStore;
  #planted = false;
  #refused = false;

  constructor(store: PreparedStore, target: string) {
    this.#store = store;
    this.name = probeName(target);
  }

  /**
   * Writes the probe. A store that is full can still take the target when it is there already: a warning.
   * @param targets the secrets that the run will write
   * @throws ActionError when the store cannot be written
   */
  async plant(targets: readonly string[], log: Log): Promise<void> {
    // From here on the secret may exist, whatever becomes of the answer.
    this.#planted = true;
    try {
      await this.#store.write(this.name, 'probe', { lingering: true });
    } catch (error) {
      if (!(error instanceof GitHubFailure)) throw error;
      // Nothing was written then, so its deletion is a mere precaution, and nobody needs to hear if it fails.
      this.#refused = error.status !== undefined && error.status < 500 && !error.maybeDone;
      if (!(await this.#isFull(error))) throw storeError(this.#store.store, 'Writing a probe into', error);
      this.#planted = false;
      const { label } = this.#store.store;
      const missing = targets.filter((target) => !this.#store.holds(target));
      if (missing.length > 0) {
        throw new ActionError(
          'store-full',
          `The store \`${label}\` is full, so ${missing.join(' and ')} cannot be created there: ${error.message}.`,
          'Delete a secret that nobody needs, or choose another store.',
          { cause: error },
        );
      }
      log.warning(
        `The store ${label} is full, so no probe could be written. What has to be stored is there already and can be updated; make room to have it proved before a token is spent.`,
      );
    }
  }

  /** The store's label. */
  get label(): string {
    return this.#store.store.label;
  }

  /** Whether GitHub refused to write it, so that it is most likely not there. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Whether the secret may exist. */
  get planted(): boolean {
    return this.#planted;
  }

  /**
   * Deletes the probe, if it may be there.
   * @param hurried one attempt within seconds, deaf to cancellation
   * @throws GitHubFailure; the probe may still be there then
   */
  async remove(hurried: boolean): Promise<void> {
    if (!this.#planted) return;
    await this.#store.remove(this.name, hurried);
    this.#planted = false;
  }

  async #isFull(refused: GitHubFailure): Promise<boolean> {
    if (refused.status === undefined || ![403, 409, 422].includes(refused.status)) return false;
    try {
      return (await this.#store.count()) >= MOST_SECRETS[this.#store.store.kind];
    } catch (error) {
      if (error instanceof GitHubFailure) return false;
      throw error;
    }
  }
}
