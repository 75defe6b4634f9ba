import { type AnswerForm, encoded, signatureHeaders, USUAL_FORM } from './cobo/answers.ts';
import { apiError, CODE } from './cobo/errors.ts';
import { type CoboClient, createClient, ResponseSigner } from './cobo/keys.ts';
import {
  type CoboBehaviour,
  type CoboBooks,
  type HistoryEntry,
  implicit,
  refresh,
  wallets,
} from './cobo/operations.ts';
import { checkSignature } from './cobo/signature.ts';
import { TokenBook, type TokenMaker, type TokenState } from './cobo/tokens.ts';
import type { Sealing } from './effects.ts';
import type { PlainAnswer, WireAnswer } from './faults.ts';
import { httpDate } from './http-date.ts';
import { type Answer, type EmulatedRequest, EmulatorServer, type TlsOptions } from './server.ts';

export type { ContentEncoding, SignatureHeaders } from './cobo/answers.ts';
export { type CoboClient, createClient } from './cobo/keys.ts';
export type { CoboBehaviour, HistoryEntry } from './cobo/operations.ts';
export type { TokenMaker, TokenState } from './cobo/tokens.ts';

/** Everything has a default; `clients` defaults to one random client. */
export interface CoboOptions extends Partial<CoboBehaviour> {
  clients?: readonly CoboClient[];
  tokenMaker?: TokenMaker;
  tls?: TlsOptions;
  /** Cobo's clock, milliseconds since 1970. */
  now?: () => number;
  /** How far a nonce may lie from the clock, milliseconds. Default five minutes. */
  nonceWindowMs?: number;
  /** Takes a nonce a second time; refuses it by default. */
  takesUsedNonces?: boolean;
}

/** Starts a Cobo on a free local port. */
export async function startCobo(options: CoboOptions = {}): Promise<CoboEmulator> {
  return await new CoboEmulator(options).listen();
}

/** A Cobo that checks every signature, rotates every refresh token, and signs every answer. */
export class CoboEmulator extends EmulatorServer {
  /** How it behaves where the real one is silent; may be changed at any time. */
  readonly behaviour: CoboBehaviour;
  readonly history: HistoryEntry[] = [];
  /** By client ID; the first stays first. */
  readonly #clients: Map<string, CoboClient>;
  readonly #tokens: TokenBook;
  readonly #usedNonces = new Map<string, Set<string>>();
  readonly #signer = new ResponseSigner();
  #foreignSigner: ResponseSigner | undefined;
  #now: () => number;
  readonly #nonceWindowMs: number;
  readonly #takesUsedNonces: boolean;

  constructor(options: CoboOptions = {}) {
    super(options.tls);
    const clients = options.clients ?? [createClient()];
    this.#clients = new Map(clients.map((client) => [client.clientId, client]));
    this.#now = options.now ?? Date.now;
    this.#nonceWindowMs = options.nonceWindowMs ?? 5 * 60_000;
    this.#takesUsedNonces = options.takesUsedNonces ?? false;
    this.#tokens = new TokenBook(() => this.#now(), options.tokenMaker);
    this.behaviour = {
      revokeFamilyOnReplay: options.revokeFamilyOnReplay ?? true,
      implicitRevokesOthers: options.implicitRevokesOthers ?? false,
      omitRefreshToken: options.omitRefreshToken ?? false,
      expiresIn: options.expiresIn ?? 43199,
      refreshExpiresIn: options.refreshExpiresIn ?? 30 * 24 * 3600,
      ...formIn(options),
    };
  }

  /** The base URL, `/v2` included. */
  override get url(): string {
    return `${this.origin}/v2`;
  }

  /** The key that verifies the answers, 64 hex characters. */
  get responsePublicKeyHex(): string {
    return this.#signer.publicKeyHex;
  }

  /** The first client. */
  get client(): CoboClient {
    const [first] = this.#clients.values();
    if (first === undefined) throw new Error('this Cobo has no client');
    return first;
  }

  /** Short for `behaviour.omitRefreshToken`. */
  get omitRefreshToken(): boolean {
    return this.behaviour.omitRefreshToken;
  }

  set omitRefreshToken(omit: boolean) {
    this.behaviour.omitRefreshToken = omit;
  }

  /** Registers another client; gives it back. */
  addClient(client: CoboClient = createClient()): CoboClient {
    this.#clients.set(client.clientId, client);
    return client;
  }

  /** Sets Cobo's clock: a function, or one moment at which it stands still (milliseconds since 1970). */
  setClock(now: number | (() => number)): void {
    this.#now = typeof now === 'number' ? () => now : now;
  }

  /** An organization installs the app: the first refresh token of a new family. */
  issueRefreshToken(clientId: string = this.client.clientId, value?: string): string {
    const owner = { clientId, family: this.#tokens.newFamily() };
    const token = this.#tokens.issue('refresh', owner, this.behaviour.refreshExpiresIn, value);
    this.#log({ operation: 'install', clientId, issued: { refreshToken: token.value } });
    return token.value;
  }

  /** What has become of a token, be it a refresh or an access token. */
  state(token: string): TokenState {
    return this.#tokens.get(token)?.state ?? 'unknown';
  }

  /** The refresh tokens of a client that still work, oldest first. */
  livingRefreshTokens(clientId: string = this.client.clientId): string[] {
    return this.#tokens.livingRefreshTokens(clientId);
  }

  isLivingAccessToken(token: string): boolean {
    return this.#tokens.find('access', token)?.state === 'living';
  }

  /** Kills every living token of the family that this token belongs to. */
  revokeFamily(token: string): void {
    const { family, clientId } = this.#known(token);
    this.#tokens.revoke(family);
    this.#log({ operation: 'revoke', clientId, spent: token });
  }

  /** Lets a living token (of either kind) expire at once. */
  expireToken(token: string): void {
    const known = this.#known(token);
    if (known.state !== 'living') throw new Error(`the token is ${known.state} already`);
    known.state = 'expired';
    this.#log({ operation: 'expire', clientId: known.clientId, spent: token });
  }

  protected override process(request: EmulatedRequest): Answer {
    const operation = OPERATIONS[`${request.method} ${request.path}`];
    if (operation === undefined) return apiError(404, CODE.wrongPath, 'no such path or method');
    const checked = checkSignature(request, {
      now: this.#now(),
      nonceWindowMs: this.#nonceWindowMs,
      takesUsedNonces: this.#takesUsedNonces,
      isRegistered: (key) => this.#isRegistered(key),
      usedNonces: this.#usedNonces,
    });
    if ('refusal' in checked) return checked.refusal;
    return operation(request, checked.appKeyHex, {
      tokens: this.#tokens,
      behaviour: this.behaviour,
      clients: this.#clients,
      log: (entry) => this.#log(entry),
    });
  }

  #isRegistered(appKeyHex: string): boolean {
    for (const client of this.#clients.values()) if (client.appKeyHex.toLowerCase() === appKeyHex) return true;
    return false;
  }

  protected override seal(answer: PlainAnswer, sealing: Sealing): PlainAnswer {
    if (sealing === 'none') return answer;
    if (sealing === 'foreign') this.#foreignSigner ??= new ResponseSigner();
    const signer = sealing === 'foreign' ? (this.#foreignSigner ?? this.#signer) : this.#signer;
    const signed = signatureHeaders(answer, this.behaviour, signer, this.#now(), sealing);
    return { ...answer, headers: { ...answer.headers, ...signed } };
  }

  protected override encode(answer: PlainAnswer): WireAnswer {
    return encoded(answer, this.behaviour);
  }

  protected override standingHeaders(): Record<string, string> {
    return { date: httpDate(this.#now()) };
  }

  #known(token: string) {
    const known = this.#tokens.get(token);
    if (known === undefined) throw new Error('no such token was issued here');
    return known;
  }

  #log(entry: Omit<HistoryEntry, 'at'>): void {
    this.history.push({ at: this.#now(), ...entry });
  }
}

type Operation = (request: EmulatedRequest, appKeyHex: string, books: CoboBooks) => Answer;

const OPERATIONS: Record<string, Operation | undefined> = {
  'POST /v2/oauth/token': refresh,
  'GET /v2/oauth/token': implicit,
  'GET /v2/wallets': wallets,
};

function formIn(options: CoboOptions): AnswerForm {
  return {
    signatureHeaders: options.signatureHeaders ?? USUAL_FORM.signatureHeaders,
    contentEncoding: options.contentEncoding ?? USUAL_FORM.contentEncoding,
    signatureOver: options.signatureOver ?? USUAL_FORM.signatureOver,
    timestampOffsetMs: options.timestampOffsetMs ?? USUAL_FORM.timestampOffsetMs,
    timestampInSeconds: options.timestampInSeconds ?? USUAL_FORM.timestampInSeconds,
    byteOrderMark: options.byteOrderMark ?? USUAL_FORM.byteOrderMark,
  };
}
