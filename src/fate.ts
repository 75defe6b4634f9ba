import type { AccessToken } from './cobo/grant.ts';
import type { TokenState } from './errors.ts';

/** What a state of the refresh token means for everything that depends on it. */
interface Meaning {
  /** The states that may follow. */
  next: readonly TokenState[];
  /** What the error line and the summary say. */
  sentence: string;
  /** Whether the in-flight record must stay: another run may hold the token that was used. */
  keepsRecord: boolean;
  /** Whether the organization's access is safe without anybody's help. */
  safe: boolean;
}

/**
 * The states of the refresh token, and all that follows from each.
 *
 * `unknown` is entered before the first byte of a refresh, `sealed` as soon as a successor is read: what a
 * killed process leaves behind is true at any moment.
 */
export const MEANINGS: Record<TokenState, Meaning> = {
  unspent: {
    next: ['reused', 'unknown'],
    sentence: 'This run has not spent the refresh token.',
    keepsRecord: false,
    safe: true,
  },
  reused: { next: [], sentence: 'The refresh token was not used.', keepsRecord: false, safe: true },
  unknown: {
    // `unknown` again: the post step begins again with the same token.
    next: ['unknown', 'unspent', 'kept', 'sealed'],
    sentence: 'The refresh token may be spent.',
    keepsRecord: false,
    safe: false,
  },
  kept: {
    // A token that came out of an envelope is in no store yet, even when Cobo let it live.
    next: ['sealed'],
    sentence: 'Cobo sent no new refresh token, so the old one stays valid.',
    keepsRecord: false,
    safe: true,
  },
  sealed: {
    next: ['stored', 'delivered'],
    sentence: 'The new refresh token is sealed in the recovery envelope.',
    keepsRecord: true,
    safe: false,
  },
  stored: {
    next: [],
    sentence: 'The new refresh token is in every store.',
    keepsRecord: true,
    safe: true,
  },
  delivered: {
    next: [],
    sentence: 'The new refresh token is in the output `refresh-token`.',
    keepsRecord: false,
    safe: true,
  },
};

/** What has become of the refresh token. The only place where that changes. */
export class Fate {
  #state: TokenState;
  #successor: string | undefined;
  #trusted = true;
  /** Whether the token that was used is still good. */
  #isGood: boolean;
  /** The access token that was won with it, handed out even if the run fails. */
  access: AccessToken | undefined;
  readonly #tell: () => void;

  /**
   * @param tell writes down what a killed process must leave behind; called after each step
   * @param successor what an earlier step has sealed
   * @param isGood whether that is the token that was used, which Cobo let live
   */
  constructor(state: TokenState, tell: () => void, successor?: string, isGood = false) {
    this.#state = state;
    this.#tell = tell;
    this.#successor = successor;
    this.#isGood = isGood;
  }

  get state(): TokenState {
    return this.#state;
  }

  /** The refresh token that must not be lost; set with `sealed`. */
  get successor(): string | undefined {
    return this.#successor;
  }

  /** Whether the successor came in an answer that is signed rightly: only then may it be stored. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Whether the in-flight record must stay. That of a token which is still good would put it in doubt. */
  get keepsRecord(): boolean {
    return MEANINGS[this.#state].keepsRecord && !this.#isGood;
  }

  /** @throws what writing it down throws, or Error when the state cannot follow; nothing has changed then */
  become(state: Exclude<TokenState, 'sealed'>): void {
    const before = this.#state;
    this.#step(state);
    try {
      this.#tell();
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  /** A successor is known. @throws as `become` does; the successor is remembered all the same */
  seal(successor: string, trusted: boolean): void {
    // First of all: whatever fails from here on, the run ends with an envelope.
    this.#successor = successor;
    this.#trusted = trusted;
    this.#step('sealed');
    this.#tell();
  }

  #step(state: TokenState): void {
    if (!MEANINGS[this.#state].next.includes(state)) {
      throw new Error(`the refresh token cannot become ${state} after ${this.#state}`);
    }
    this.#state = state;
    this.#isGood ||= state === 'kept';
  }
}
