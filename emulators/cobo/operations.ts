import type { Answer, EmulatedRequest } from '../server.ts';
import type { AnswerForm } from './answers.ts';
import { apiError, CODE, json, oauthError } from './errors.ts';
import type { CoboClient } from './keys.ts';
import type { IssuedToken, TokenBook } from './tokens.ts';

/** How this Cobo behaves where the real one is silent; all may be changed while it runs. */
export interface CoboBehaviour extends AnswerForm {
  /** Replaying a spent refresh token kills its family (RFC 9700, section 4.14.2). Default true. */
  revokeFamilyOnReplay: boolean;
  /** org_implicit kills the client's other families. Default false. */
  implicitRevokesOthers: boolean;
  /** Answers carry no refresh token, and the one used stays alive. Default false. */
  omitRefreshToken: boolean;
  /** Life of an access token, seconds. */
  expiresIn: number;
  /** Life of a refresh token, seconds. */
  refreshExpiresIn: number;
}

/** One change of the tokens, for a referee: the texts are complete here. */
export interface HistoryEntry {
  /** Milliseconds since 1970, by Cobo's clock. */
  at: number;
  operation: 'install' | 'refresh' | 'implicit' | 'replay' | 'revoke' | 'expire';
  clientId: string;
  /** The refresh token used up (or replayed, revoked, expired). */
  spent?: string;
  issued?: { accessToken?: string; refreshToken?: string };
}

/** What an operation works on. */
export interface CoboBooks {
  tokens: TokenBook;
  behaviour: CoboBehaviour;
  /** By client ID. */
  clients: ReadonlyMap<string, CoboClient>;
  log: (entry: Omit<HistoryEntry, 'at'>) => void;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** `POST /oauth/token`: hands out a new pair for a refresh token, which is spent by it. */
export function refresh(request: EmulatedRequest, appKeyHex: string, books: CoboBooks): Answer {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) return malformed('Content-Type must be application/json');
  let body: unknown;
  try {
    body = JSON.parse(UTF_8.decode(request.body));
  } catch {
    return malformed('the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return malformed('the body is not a JSON object');
  }
  const values = new Map<string, unknown>(Object.entries(body));
  const read = readParameters(['client_id', 'grant_type', 'refresh_token'], (name) => values.get(name));
  if ('refusal' in read) return read.refusal;
  const [clientId, grantType, refreshToken] = read.values;
  if (grantType !== 'refresh_token') return unsupported(grantType);
  const client = clientWith(books, clientId, appKeyHex);
  if (client === undefined) return wrongClient();

  const token = books.tokens.find('refresh', refreshToken);
  if (token === undefined || token.clientId !== client.clientId) {
    return oauthError(400, 'invalid_grant', 'the refresh token is unknown');
  }
  if (token.state === 'spent') return replayed(token, books);
  if (token.state !== 'living') {
    return oauthError(400, 'invalid_grant', `refresh token ${token.n} is ${token.state}`);
  }
  // Cobo does not say what becomes of the access tokens that were issued before: this is the worst case.
  books.tokens.revoke(token.family, 'access');
  if (books.behaviour.omitRefreshToken) {
    const answer = accessTokenFor(token, books);
    books.log({ operation: 'refresh', clientId, issued: { accessToken: answer.access_token } });
    return json(200, answer, `signature ok, refresh token ${token.n} used and kept`);
  }
  token.state = 'spent';
  const next = books.tokens.issue('refresh', token, books.behaviour.refreshExpiresIn);
  const verdict = `signature ok, refresh token ${token.n} rotated to ${next.n}`;
  return pair('refresh', next, books, verdict, token.value);
}

/** `GET /oauth/token`: hands out a pair to an app that an organization has installed. */
export function implicit(request: EmulatedRequest, appKeyHex: string, books: CoboBooks): Answer {
  const query = new URLSearchParams(request.query);
  const read = readParameters(['client_id', 'org_id', 'grant_type'], (name) => query.get(name) ?? undefined);
  if ('refusal' in read) return read.refusal;
  const [clientId, orgId, grantType] = read.values;
  if (grantType !== 'org_implicit') return unsupported(grantType);
  const client = clientWith(books, clientId, appKeyHex);
  if (client === undefined) return wrongClient();
  if (!client.implicitAllowed) {
    return oauthError(400, 'unauthorized_client', 'the app may not use the org_implicit grant');
  }
  if (client.orgId !== orgId) {
    return oauthError(400, 'invalid_grant', 'the organization has not installed this app');
  }
  const owner = { clientId, family: books.tokens.newFamily() };
  const next = books.tokens.issue('refresh', owner, books.behaviour.refreshExpiresIn);
  if (books.behaviour.implicitRevokesOthers) books.tokens.revokeOthers(clientId, owner.family);
  return pair('implicit', next, books, `signature ok, refresh token ${next.n} issued by org_implicit`);
}

/** A resource that needs an access token: proves that one works. */
export function wallets(request: EmulatedRequest, appKeyHex: string, books: CoboBooks): Answer {
  const bearer = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1];
  if (bearer === undefined) return apiError(401, CODE.missingHeader, 'missing header: Authorization');
  // Header values arrive as latin1; a token outside ASCII was sent as UTF-8.
  const token = books.tokens.find('access', Buffer.from(bearer, 'latin1').toString('utf8'));
  const client = books.clients.get(token?.clientId ?? '');
  if (token === undefined || client?.appKeyHex.toLowerCase() !== appKeyHex || token.state === 'revoked') {
    return apiError(401, CODE.signature, 'the access token is unknown or revoked');
  }
  if (token.state === 'expired') return apiError(500, CODE.internal, 'internal error');
  return json(200, { ok: true }, `signature ok, access token ${token.n} accepted`);
}

function replayed(token: IssuedToken, books: CoboBooks): Answer {
  books.log({ operation: 'replay', clientId: token.clientId, spent: token.value });
  if (!books.behaviour.revokeFamilyOnReplay) {
    return oauthError(400, 'invalid_grant', `refresh token ${token.n} was spent before`);
  }
  books.tokens.revoke(token.family);
  const told = `refresh token ${token.n} was spent before; every token of its family is revoked`;
  return oauthError(400, 'invalid_grant', told);
}

function accessTokenFor(refreshToken: IssuedToken, books: CoboBooks) {
  const { clientId, family } = refreshToken;
  const access = books.tokens.issue('access', { clientId, family }, books.behaviour.expiresIn);
  return {
    access_token: access.value,
    token_type: 'Bearer',
    scope: '',
    expires_in: books.behaviour.expiresIn,
  };
}

function pair(
  operation: 'refresh' | 'implicit',
  refreshToken: IssuedToken,
  books: CoboBooks,
  verdict: string,
  spent?: string,
): Answer {
  const answer = { ...accessTokenFor(refreshToken, books), refresh_token: refreshToken.value };
  const issued = { accessToken: answer.access_token, refreshToken: refreshToken.value };
  const { clientId } = refreshToken;
  books.log({ operation, clientId, issued, ...(spent === undefined ? {} : { spent }) });
  return json(200, answer, verdict);
}

function readParameters(
  names: [string, string, string],
  get: (name: string) => unknown,
): { values: [string, string, string] } | { refusal: Answer } {
  const values: string[] = [];
  for (const name of names) {
    const value = get(name);
    if (value === undefined || value === null || value === '') {
      return { refusal: malformed(`missing parameter: ${name}`) };
    }
    if (typeof value !== 'string') return { refusal: malformed(`${name} is not a string`) };
    values.push(value);
  }
  const [first = '', second = '', third = ''] = values;
  return { values: [first, second, third] };
}

function clientWith(books: CoboBooks, clientId: string, appKeyHex: string): CoboClient | undefined {
  const client = books.clients.get(clientId);
  return client?.appKeyHex.toLowerCase() === appKeyHex ? client : undefined;
}

function malformed(message: string): Answer {
  return oauthError(400, 'invalid_request', message);
}

function unsupported(grantType: string): Answer {
  return oauthError(400, 'unsupported_grant_type', `grant type ${grantType.slice(0, 40)} is not supported here`);
}

function wrongClient(): Answer {
  return oauthError(401, 'invalid_client', 'the client is unknown, or the key is not its own');
}
