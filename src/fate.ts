import type { AccessToken } from './cobo/answer.ts';
import { isTokenState, type TokenState } from './errors.ts';
import { field, parseJson } from './text.ts';

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

/** What a step knows of the refresh token. */
export interface TokenLeft {
  state: TokenState;
  /** Whether the successor came in an answer that is signed rightly: only then may it be stored. */
  trusted: boolean;
  /** The successor, sealed; `null` when there is none that could be lost. */
  envelope: string | null;
  /** Whether the records have to stay: another run may hold the token that was used. */
  keepsRecord: boolean;
}

const UNSPENT: TokenLeft = { state: 'unspent', trusted: true, envelope: null, keepsRecord: false };

/** The in-flight records of a run, and the stores as it saw them. Times in milliseconds since 1970. */
export interface Recording {
  /** The name of the record. */
  name: string;
  /** When the stores were read, by GitHub's clock: this run's records are not older. */
  lookedAt: number;
  /** When all records were written; `null` before. */
  recordedAt: number | null;
  stores: {
    /** As a line of `secret-stores`. */
    label: string;
    /** When the target secret was last updated; `null` if it is not there. */
    updatedAt: number | null;
    /** Whether a record of this run may be there. */
    record: boolean;
    /** Whether it refused the successor: a later update is somebody else's. */
    refused: boolean;
  }[];
}

/**
 * What the main step leaves for the post step, in `GITHUB_STATE`. It holds no secret in the clear, and it is
 * true at any moment at which the process may be killed.
 */
export interface Handover extends TokenLeft {
  /** `null` when there is no record, and none is about to be written. */
  recording: Recording | null;
}

/** The name under which it is kept. */
export const HANDOVER = 'handover';

/** Reads what the main step of this job, and so of this version, has left; `undefined` when it left nothing. */
export function readHandover(text: string): Handover | undefined {
  const json = parseJson(text);
  return isTokenState(field(json, 'state')) ? (json as Handover) : undefined;
}

/** What has become of the refresh token. The only place where that changes. */
export class Fate {
  #state: TokenState;
  #trusted: boolean;
  #envelope: string | null;
  #successor: string | undefined;
  /** Whether the records may go whatever happens: they lock no token, or one that is still good. */
  #locksNothing: boolean;
  readonly #tell: () => void;
  /** The access token that was won with it, handed out even if the run fails. */
  access: AccessToken | undefined;

  /**
   * @param locks whether the records lock the token; without a secret for it, they only prove that writing works
   * @param tell writes down what a killed process must leave behind; called after each step
   * @param left what an earlier step has left
   * @param successor the refresh token in its envelope
   */
  constructor(locks: boolean, tell: () => void, left: TokenLeft = UNSPENT, successor?: string) {
    this.#state = left.state;
    this.#trusted = left.trusted;
    this.#envelope = left.envelope;
    this.#successor = successor;
    this.#locksNothing = !locks || (MEANINGS[left.state].keepsRecord && !left.keepsRecord);
    this.#tell = tell;
  }

  get state(): TokenState {
    return this.#state;
  }

  /** The refresh token that must not be lost; set with `sealed`. */
  get successor(): string | undefined {
    return this.#successor;
  }

  /** Whether the in-flight record must stay. That of a token which is still good would put it in doubt. */
  get keepsRecord(): boolean {
    return MEANINGS[this.#state].keepsRecord && !this.#locksNothing;
  }

  /** What is known now. */
  get left(): TokenLeft {
    return {
      state: this.#state,
      trusted: this.#trusted,
      envelope: this.#state === 'sealed' ? this.#envelope : null,
      keepsRecord: this.keepsRecord,
    };
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
  seal(successor: string, envelope: string, trusted: boolean): void {
    // First of all: whatever fails from here on, the run ends with an envelope.
    this.#successor = successor;
    this.#envelope = envelope;
    this.#trusted = trusted;
    this.#step('sealed');
    this.#tell();
  }

  #step(state: TokenState): void {
    if (!MEANINGS[this.#state].next.includes(state)) {
      throw new Error(`the refresh token cannot become ${state} after ${this.#state}`);
    }
    this.#state = state;
    this.#locksNothing ||= state === 'kept';
  }
}
