import { randomText } from './keys.ts';

/** What has become of a token. `unknown`: never issued here. */
export type TokenState = 'living' | 'spent' | 'revoked' | 'expired' | 'unknown';

/** Makes the text of a token; `n` counts the tokens of that kind from 1. */
export type TokenMaker = (kind: 'access' | 'refresh', n: number) => string;

/** One token; `n` is how the verdicts name it. */
export interface IssuedToken {
  kind: 'access' | 'refresh';
  n: number;
  value: string;
  clientId: string;
  family: number;
  state: 'living' | 'spent' | 'revoked' | 'expired';
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** All tokens ever issued, in families: a family is what grew out of one installation or one org_implicit. */
export class TokenBook {
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #families = new Map<number, IssuedToken[]>();
  readonly #counts = { access: 0, refresh: 0 };
  readonly #make: TokenMaker;
  readonly #now: () => number;

  constructor(now: () => number, make: TokenMaker = () => randomText(64)) {
    this.#now = now;
    this.#make = make;
  }

  /** Starts a family. */
  newFamily(): number {
    const family = this.#families.size + 1;
    this.#families.set(family, []);
    return family;
  }

  /** Issues a token that lives `seconds` from now; `value` in place of what the maker would make. */
  issue(
    kind: 'access' | 'refresh',
    owner: { clientId: string; family: number },
    seconds: number,
    value?: string,
  ): IssuedToken {
    this.#counts[kind] += 1;
    const n = this.#counts[kind];
    const text = value ?? this.#make(kind, n);
    if (this.#tokens.has(text)) throw new Error(`the token maker repeated itself (${kind} ${n})`);
    const expiresAt = this.#now() + seconds * 1000;
    const { clientId, family } = owner;
    const token: IssuedToken = { kind, n, value: text, clientId, family, state: 'living', expiresAt };
    this.#tokens.set(text, token);
    this.#families.get(family)?.push(token);
    return token;
  }

  /** The token of that kind, its state brought up to the clock. */
  find(kind: 'access' | 'refresh', value: string): IssuedToken | undefined {
    const token = this.get(value);
    return token?.kind === kind ? token : undefined;
  }

  /** The token of either kind, its state brought up to the clock. */
  get(value: string): IssuedToken | undefined {
    const token = this.#tokens.get(value);
    if (token?.state === 'living' && token.expiresAt <= this.#now()) token.state = 'expired';
    return token;
  }

  /** Kills the living tokens of a family; of one kind only, when told. */
  revoke(family: number, kind?: 'access' | 'refresh'): void {
    const members = this.#families.get(family) ?? [];
    for (const token of members) {
      if (token.state === 'living' && (kind === undefined || token.kind === kind)) token.state = 'revoked';
    }
    // The dead stay known by their text, but need not be walked again: long runs stay fast.
    this.#families.set(
      family,
      members.filter((token) => token.state === 'living'),
    );
  }

  /** Kills every family of a client save one. */
  revokeOthers(clientId: string, family: number): void {
    for (const [id, members] of this.#families) {
      if (id !== family && members[0]?.clientId === clientId) this.revoke(id);
    }
  }

  /** The refresh tokens of a client that still work, oldest first. */
  livingRefreshTokens(clientId: string): string[] {
    const living: string[] = [];
    for (const members of this.#families.values()) {
      for (const { kind, value, clientId: owner } of members) {
        if (kind === 'refresh' && owner === clientId && this.get(value)?.state === 'living') living.push(value);
      }
    }
    return living;
  }
}
