import type { AccessToken } from './cobo/answer.ts';
import { isTokenState, type TokenState } from './errors.ts';
import { field, parseJson } from './text.ts';

/**
 * What each state of the refresh token means: whether the organization's access is safe without anybody's help,
 * whether the in-flight record must stay (another run may hold the token that was used), and what people read.
 */
export const MEANINGS: Record<TokenState, { safe: boolean; keepsRecord: boolean; sentence: string }> = {
  unspent: { safe: true, keepsRecord: false, sentence: 'This run has not spent the refresh token.' },
  reused: { safe: true, keepsRecord: false, sentence: 'The refresh token was not used.' },
  unknown: { safe: false, keepsRecord: false, sentence: 'The refresh token may be spent.' },
  kept: { safe: true, keepsRecord: false, sentence: 'Cobo sent no new refresh token, so the old one stays valid.' },
  sealed: { safe: false, keepsRecord: true, sentence: 'The new refresh token is sealed in the recovery envelope.' },
  stored: { safe: true, keepsRecord: true, sentence: 'The new refresh token is in every store.' },
  delivered: { safe: true, keepsRecord: false, sentence: 'The new refresh token is in the output `refresh-token`.' },
};

/**
 * The states that may follow. `unknown` is entered before the first byte of a refresh, `sealed` as soon as a
 * successor is read: what a killed process leaves behind is true at any moment.
 */
const NEXT: Record<TokenState, readonly TokenState[]> = {
  unspent: ['reused', 'unknown'],
  reused: [],
  // `unknown` again: the post step begins again with the same token.
  unknown: ['unknown', 'unspent', 'kept', 'sealed'],
  // A token that came out of an envelope is in no store yet, even when Cobo let it live.
  kept: ['sealed'],
  sealed: ['stored', 'delivered'],
  stored: [],
  delivered: [],
};

/** The in-flight records, and the stores by their lines of `secret-stores`. Times in milliseconds since 1970. */
export interface Recording {
  name: string;
  kind: 'secret' | 'variable';
  /** When the stores were read, and the last record written (`null` before), by GitHub's clock: all date from between. */
  lookedAt: number;
  recordedAt: number | null;
  /** When the target secret was last updated; `null` if it is not there. */
  updatedAt: Record<string, number | null>;
  /** Where a record of this run may be. */
  records: readonly string[];
  /** Who refused the successor: a later update there is somebody else's. */
  refused: readonly string[];
}

/**
 * What the main step leaves for the post step, in `GITHUB_STATE`. It holds no secret in the clear, and it is
 * true at any moment at which the process may be killed.
 */
export interface Handover {
  state: TokenState;
  /** Whether the successor came in an answer that is signed rightly: only then may it be stored. */
  trusted: boolean;
  /** The successor, sealed; `null` when there is none that could be lost. */
  envelope: string | null;
  /** Whether the records have to stay: another run may hold the token that was used. */
  keepsRecord: boolean;
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

const NOTHING: Handover = { state: 'unspent', trusted: true, envelope: null, keepsRecord: false, recording: null };

/** What has become of the refresh token. The only place where that changes. */
export class Fate {
  /** The access token that was won with it, handed out even if the run fails. */
  access: AccessToken | undefined;
  /** Whether the records may have to stay: they lock the token, and Cobo has not said that it is still good. */
  #locks: boolean;

  /**
   * @param locks whether the records lock the token; without a secret for it, they only prove that writing works
   * @param tell writes down what a killed process must leave behind
   * @param now what an earlier step has left
   * @param successor the refresh token that must not be lost; set with `sealed`
   */
  constructor(
    locks: boolean,
    private readonly tell: (left: Handover) => void,
    private now = NOTHING,
    public successor?: string,
  ) {
    this.#locks = locks && (now.keepsRecord || !MEANINGS[now.state].keepsRecord);
  }

  get state(): TokenState {
    return this.now.state;
  }

  get left(): Handover {
    return this.now;
  }

  /** @throws what writing it down throws, or Error when the state cannot follow; nothing has changed then */
  become(state: Exclude<TokenState, 'sealed'>): void {
    const next = this.#next({ state, envelope: null });
    try {
      this.tell(next);
    } catch (error) {
      // A part of it may be written, which the post step must not believe.
      try {
        this.tell(this.now);
      } catch {}
      throw error;
    }
    this.now = next;
  }

  /** A successor is known. @throws as `become` does; the successor is remembered all the same */
  seal(successor: string, envelope: string, trusted: boolean): void {
    // First of all: whatever fails from here on, the run ends with an envelope.
    this.successor = successor;
    this.now = this.#next({ state: 'sealed', envelope, trusted });
    this.tell(this.now);
  }

  /** Writes down what the post step must know of the stores. @throws what writing it down throws */
  note(recording: Recording): void {
    this.now = { ...this.now, recording };
    this.tell(this.now);
  }

  #next(changes: Pick<Handover, 'state' | 'envelope'> & Partial<Handover>): Handover {
    const { state } = changes;
    if (!NEXT[this.state].includes(state))
      throw new Error(`the refresh token cannot become ${state} after ${this.state}`);
    this.#locks &&= state !== 'kept';
    return { ...this.now, ...changes, keepsRecord: this.#locks && MEANINGS[state].keepsRecord };
  }
}
