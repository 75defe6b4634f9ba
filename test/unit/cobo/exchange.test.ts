import { describe, expect, it } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { type CoboAccess, type Exchange, exchange } from '../../../src/cobo/exchange.ts';
import { ActionError } from '../../../src/errors.ts';
import { type HttpAnswer, TransportError } from '../../../src/http.ts';
import { HeldClock } from '../../support/clock.ts';
import { FakeCobo, newSigner, type Received, type Recipe, RFC_8032, signed, signedAt, unsigned } from './support.ts';

const cobo = newSigner();
const stranger = newSigner();
const keys = readAppSecret(RFC_8032[0].seed);

const WITHOUT_REFRESH = { access_token: 'access-2', token_type: 'Bearer', scope: '', expires_in: 43199 };
const PAIR = { ...WITHOUT_REFRESH, refresh_token: 'refresh-2' };
const ECHO = { ...PAIR, refresh_token: 'refresh-1' };
const PAGE = '<html>';

/** An answer without a signature. */
function plain(status: number, body: unknown, headers: Record<string, string> = {}): Recipe {
  return () => unsigned(status, body, headers);
}

/** An answer of which only the head and `bytes` of its body arrive; -1 for all but the last. */
function cutOff(answer: Recipe, bytes: number): Recipe {
  return (nonce) => {
    const { status, headers, body } = answer(nonce) as HttpAnswer;
    const partial = { status, headers, body: body.subarray(0, bytes) };
    return new TransportError('the connection was cut', true, { partial });
  };
}

/** An answer whose head, or whose end, is no HTTP: that much of its body was read before. */
function noHttp(answer: Recipe, bytes?: number): Recipe {
  return (nonce) => {
    const { status, headers, body } = answer(nonce) as HttpAnswer;
    const partial = bytes === undefined ? undefined : { status, headers, body: body.subarray(0, bytes) };
    return new TransportError('the connection failed', true, { partial, unread: `HTTP/1.1\r\n\r\n${body}` });
  };
}

/** A pair that is signed so many milliseconds after the request. */
function signedLater(ms: number): Recipe {
  return (nonce) => signedAt(nonce + ms, cobo, 200, PAIR);
}

const SUCCESS = signed(cobo, 200, PAIR);
const DEAD = signed(cobo, 400, { error: 'invalid_grant', error_description: 'Token is used.' });
const WRONG_CLIENT = signed(cobo, 401, { error: 'invalid_client' });
const WRONG_NONCE = signed(cobo, 401, { error_code: 2023, error_message: 'Nonce was used.' });
const BROKEN = signed(cobo, 500, { error_code: 1000, error_id: 'e-1' });
const BUSY = plain(429, PAGE);
const later = (status: number, seconds: string) => plain(status, '', { 'retry-after': seconds });
const lost: Recipe = () => new TransportError('the connection was cut', true);
const unreachable: Recipe = () => new TransportError('the connection was refused', false);

interface Story {
  refreshToken?: string | undefined;
  orgId?: string;
  begun?: boolean;
  /** With which answer a signal comes, from 1; 0 for before all of them, -1 for during a wait. */
  stopAt?: number;
  maxAttempts?: number;
  access?: Partial<CoboAccess>;
  clock?: HeldClock;
}

const ONCE = { maxAttempts: 1 };
const TWICE = { maxAttempts: 2 };
const ORG = { orgId: 'org-1' };
const FIRST_RUN = { refreshToken: undefined, ...ORG };

/** Everything that can be seen of one exchange in which Cobo gives these answers, one after the other. */
async function tell(answers: readonly Recipe[], story: Story = {}) {
  const { orgId, begun, stopAt, maxAttempts = 4, access, clock = new HeldClock() } = story;
  const controller = new AbortController();
  const http = new FakeCobo(keys.appKey, answers, (count) => (count === stopAt ? controller.abort() : undefined));
  if (stopAt === 0) controller.abort();
  clock.meanwhile = () => (stopAt === -1 ? controller.abort() : undefined);
  const lines: string[] = [];
  const everything: CoboAccess = {
    http,
    httpOptions: { timeoutMs: 30_000 },
    clock,
    log: { info: (line) => lines.push(line), debug: () => undefined, warning: () => undefined },
    maxAttempts,
    apiUrl: 'https://cobo.test/v2',
    responseKey: cobo.publicKey,
    keys,
    clientId: 'client-1',
    stop: controller.signal,
    ...access,
  };
  const result = await exchange(everything, 'refreshToken' in story ? story.refreshToken : 'refresh-1', orgId, begun);
  const { received } = http;
  const asked = received.map(letterOf).join('');
  return { result, asked, brief: `${asked} ${endOf(result)}`, received, lines, waits: clock.waits };
}

/** The operations that were asked for, and how it ended: code and state, with the token that was carried. */
async function brief(answers: readonly Recipe[], story: Story = {}): Promise<string> {
  return (await tell(answers, story)).brief;
}

/** The operation that a request asks for: R for the refresh, O for the one with the organization. */
function letterOf({ method, url, body = '{}' }: Received): string {
  const grant = method === 'GET' ? url.searchParams.get('grant_type') : JSON.parse(body).grant_type;
  return grant === 'org_implicit' ? 'O' : grant === 'refresh_token' ? 'R' : '?';
}

function endOf(result: Exchange): string {
  if ('grant' in result) return result.healed ? 'healed' : 'refreshed';
  const { failure, token, carried = '' } = result;
  return `${failure.code} ${token} ${carried}`.trim();
}

describe('a refresh that succeeds', () => {
  it('is one POST with the token in its body, on a new connection that a signal ends while it is unsent', async () => {
    const httpOptions = { timeoutMs: 1234, onDone: () => undefined };
    const stop = new AbortController().signal;
    const { result, received, waits, lines } = await tell([SUCCESS], { access: { httpOptions, stop } });
    const nonce = received[0]?.nonce ?? 0;
    const headers = {
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'Cache-Control': 'no-store',
      'Content-Type': 'application/json',
      'User-Agent': 'cobo-refresh-action',
      'Biz-Api-Key': keys.appKey,
      'Biz-Api-Nonce': String(nonce),
      'Biz-Api-Signature': expect.stringMatching(/^[0-9a-f]{128}$/),
    };
    const body = '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"refresh-1"}';
    const options = { ...httpOptions, maxBytes: 128 * 1024, newConnection: true, unsentSignal: stop };
    const url = new URL('https://cobo.test/v2/oauth/token');
    expect([received, waits, lines]).toEqual([[{ method: 'POST', url, headers, body, nonce, options }], [], []]);
    const times = { expiresIn: 43199, expiresAt: nonce + 43_199_000 };
    const access = { accessToken: 'access-2', tokenType: 'Bearer', scope: '', ...times };
    expect(result).toStrictEqual({ grant: { refreshToken: 'refresh-2', access, problem: undefined }, healed: false });
  });

  it.each<[what: string, answer: Recipe, refreshToken?: string]>([
    ['with 299', signed(cobo, 299, PAIR), 'refresh-2'],
    ['whole, of which the end of the message was lost', cutOff(SUCCESS, 10_000), 'refresh-2'],
    ['whole, with something behind it that is no HTTP', noHttp(SUCCESS, 10_000), 'refresh-2'],
    ['signed in seconds', (nonce) => signedAt(Math.floor(nonce / 1000), cobo, 200, PAIR), 'refresh-2'],
    ['signed ten minutes before the request', signedLater(-600_000), 'refresh-2'],
    ['signed ten minutes after the request', signedLater(600_000), 'refresh-2'],
    ['malformed', signed(cobo, 200, { refresh_token: 'refresh-2' }), 'refresh-2'],
    ['without a new refresh token', signed(cobo, 200, WITHOUT_REFRESH)],
    ['with the old refresh token', signed(cobo, 200, ECHO)],
  ])('may be answered %s', async (_what, answer, refreshToken) => {
    expect((await tell([answer])).result).toMatchObject({ grant: { refreshToken }, healed: false });
  });
});

type End = 'again' | 'dead' | 'final';

const UNTRUSTED = 'answer-untrusted unknown';
const SEALED = 'answer-untrusted sealed refresh-2';

/** What one answer means by itself, and whether it is tried again, says that the token is dead, or ends it. */
const ANSWERS: [what: string, answer: Recipe, outcome: string, end: End][] = [
  ['a host that is not reached', unreachable, 'cobo-unavailable unspent', 'again'],
  ['a wait of five minutes', later(429, '300'), 'cobo-unavailable unspent', 'again'],
  ['a refused nonce', WRONG_NONCE, 'cobo-refused unspent', 'again'],
  ['a lost answer', lost, 'answer-lost unknown', 'again'],
  ['an answer of which only the head arrived', cutOff(SUCCESS, 0), 'answer-lost unknown', 'again'],
  ['a failure within, unsigned', plain(502, PAGE), 'cobo-unavailable unknown', 'again'],
  ['a failure in front, cut off', cutOff(plain(500, PAGE), 3), 'answer-lost unknown', 'again'],
  ['a redirect, cut off', cutOff(plain(399, PAGE), 3), 'answer-lost unknown', 'again'],
  ['a signed refusal, cut off', cutOff(WRONG_CLIENT, 3), 'answer-lost unknown', 'again'],
  ['a dead token', DEAD, 'token-dead unspent', 'dead'],
  ['a dead token, only the end of it lost', cutOff(DEAD, 10_000), 'token-dead unspent', 'dead'],
  ['a wrong client', WRONG_CLIENT, 'cobo-refused unspent', 'final'],
  ['the first status of a refusal, cut off', cutOff(plain(400, PAGE), 3), 'cobo-refused unspent', 'final'],
  ['the last status of a refusal, cut off', cutOff(plain(499, PAGE), 3), 'cobo-refused unspent', 'final'],
  ['a status above success, signed', signed(cobo, 300, ''), 'cobo-refused unspent', 'final'],
  ['a redirect', plain(302, '', { location: 'https://cobo.test/v3' }), 'cobo-refused unknown', 'final'],
  ['a wrongly signed refusal', signed(stranger, 400, { error: 'invalid_grant' }), UNTRUSTED, 'final'],
  ['an unsigned success without a token', plain(200, PAGE), UNTRUSTED, 'final'],
  ['a success of no time', () => signedAt('now', cobo, 200, WITHOUT_REFRESH), UNTRUSTED, 'final'],
  ['an unsigned success', plain(200, PAIR), SEALED, 'final'],
  ['a wrongly signed success', signed(stranger, 200, PAIR), SEALED, 'final'],
  ['a success long before the request', signedLater(-600_001), SEALED, 'final'],
  ['a success long after the request', signedLater(600_001), SEALED, 'final'],
  ['an answer cut off behind its token', cutOff(SUCCESS, -1), 'answer-lost sealed refresh-2', 'final'],
  ['an answer that is no HTTP', noHttp(SUCCESS), 'answer-lost sealed refresh-2', 'final'],
  ['an answer that is no HTTP from its middle on', noHttp(SUCCESS, 90), 'answer-lost sealed refresh-2', 'final'],
  ['no HTTP, and no token', noHttp(plain(200, PAGE)), 'answer-lost unknown', 'again'],
  ['a signed refusal with a token in it', signed(cobo, 403, PAIR), SEALED, 'final'],
];
const ECHOES: typeof ANSWERS = [
  ['the token again, cut off', cutOff(signed(cobo, 200, ECHO), -1), 'answer-lost unknown', 'again'],
  ['an unsigned success that repeats the token', plain(200, ECHO), UNTRUSTED, 'final'],
  ['a refusal that repeats the token', plain(400, ECHO), 'cobo-refused unspent', 'final'],
];

type Case = [what: string, answers: Recipe[], story: Story, expected: string];

describe.each([...ANSWERS, ...ECHOES])('%s', (_what, answer, outcome, end) => {
  const isOpen = outcome.endsWith('unknown');
  const whileOpen = outcome.replace('unspent', 'unknown').replace('token-dead', 'answer-lost');
  const again = end === 'again' ? 'RR refreshed' : `R ${outcome}`;
  const healed = end === 'dead' || (end === 'again' && isOpen) ? 'RO healed' : `R ${outcome}`;
  const stopped = end === 'again' && !isOpen ? 'R cancelled unspent' : `R ${outcome}`;
  const healedWhileOpen = (asked: string) => (end === 'final' ? `${asked} ${whileOpen}` : `${asked}O healed`);
  it.each<Case>([
    ['says what has become of the token', [answer], ONCE, `R ${outcome}`],
    ['is tried again or not', [answer, SUCCESS], {}, again],
    ['is healed where the token is dead or lost', [answer, SUCCESS], { ...ONCE, ...ORG }, healed],
    ['leaves it open after a lost answer', [lost, answer], TWICE, `RR ${whileOpen}`],
    ['leaves it open after an earlier step', [answer], { ...ONCE, begun: true }, `R ${whileOpen}`],
    ['is healed after a lost answer', [lost, answer, SUCCESS], { ...TWICE, ...ORG }, healedWhileOpen('RR')],
    ['is healed after an earlier step', [answer, SUCCESS], { ...ONCE, ...ORG, begun: true }, healedWhileOpen('R')],
    ['is the last when a signal comes', [answer, SUCCESS], { stopAt: 1 }, stopped],
    ['is not healed then', [answer, SUCCESS], { ...ORG, stopAt: 1 }, stopped],
  ])('%s', async (_case, answers, story, expected) => {
    expect(await brief(answers, story)).toBe(expected);
  });
});

describe.each(ANSWERS)('to org_implicit, %s', (_what, answer, outcome, end) => {
  const withState = (state: string) => outcome.replace('token-dead', 'cobo-refused').replace(/unspent|unknown/, state);
  const stopped = (state: string, before: string) => (end === 'again' ? `${before} ${state}` : withState(state));
  it.each<Case>([
    ['after a dead token', [DEAD, answer], ONCE, `RO ${withState('unspent')}`],
    ['after a lost answer', [lost, answer], ONCE, `RO ${withState('unknown')}`],
    ['without a token', [answer], { ...FIRST_RUN, ...ONCE }, `O ${withState('unspent')}`],
    ['after a dead token, stopped', [DEAD, answer], { stopAt: 2 }, `RO ${stopped('unspent', 'token-dead')}`],
    ['after both, stopped', [lost, DEAD, answer], { stopAt: 3 }, `RRO ${stopped('unknown', 'answer-lost')}`],
    ['without a token, stopped', [answer], { ...FIRST_RUN, stopAt: 1 }, `O ${stopped('unspent', 'cancelled')}`],
  ])('leaves it at what is known of the old token: %s', async (_case, answers, story, expected) => {
    expect(await brief(answers, { ...ORG, ...story })).toBe(expected);
  });
});

it.each<[answers: Recipe[], story: Story, expected: string]>([
  // The attempts, and what ends them.
  [[WRONG_NONCE, WRONG_NONCE, SUCCESS], {}, 'RR cobo-refused unspent'],
  [[WRONG_NONCE, lost, WRONG_NONCE, SUCCESS], ORG, 'RRR cobo-refused unknown'],
  [[BROKEN, BROKEN, BROKEN, SUCCESS], { maxAttempts: 3 }, 'RRR cobo-unavailable unknown'],
  [[later(429, '301'), SUCCESS], ORG, 'R cobo-unavailable unspent'],
  [[lost, later(503, '3600'), SUCCESS], ORG, 'RRO healed'],
  [[lost, lost, lost, lost, lost, BUSY, WRONG_NONCE, SUCCESS], ORG, 'RRRROOOO healed'],
  [[WRONG_NONCE, lost, DEAD, WRONG_NONCE, SUCCESS], ORG, 'RRROO healed'],
  [[unreachable, DEAD], {}, 'RR token-dead unspent'],
  // Without token and organization Cobo says what is wrong.
  [[WRONG_CLIENT], { refreshToken: undefined }, 'O cobo-refused unspent'],
  // A connection that cannot be set up.
  [[() => new ActionError('proxy-invalid', '', ''), SUCCESS], ORG, 'R proxy-invalid unspent'],
  // A signal. What was never sent says nothing.
  [[BUSY, BUSY], { ...ORG, ...TWICE, stopAt: 2 }, 'RR cancelled unspent'],
  [[WRONG_NONCE, WRONG_NONCE], { ...ORG, stopAt: 2 }, 'RR cobo-refused unspent'],
  [[lost, unreachable, SUCCESS], { ...ORG, stopAt: 2 }, 'RR answer-lost unknown'],
  [[unreachable, SUCCESS], { ...ORG, begun: true, stopAt: 1 }, 'R cancelled unknown'],
  [[SUCCESS], { ...ORG, stopAt: 1 }, 'R refreshed'],
  [[DEAD, SUCCESS], { ...ORG, stopAt: 2 }, 'RO healed'],
  [[SUCCESS], { ...FIRST_RUN, stopAt: 0 }, ' cancelled unspent'],
  [[SUCCESS], { ...ORG, stopAt: 0 }, ' cancelled unspent'],
  [[SUCCESS], { ...ORG, stopAt: 0, begun: true }, ' cancelled unknown'],
  // A signal during a wait.
  [[BUSY, SUCCESS], { ...ORG, stopAt: -1 }, 'R cancelled unspent'],
  [[lost, SUCCESS], { ...ORG, stopAt: -1 }, 'R answer-lost unknown'],
  [[BUSY, SUCCESS], { ...FIRST_RUN, stopAt: -1 }, 'O cancelled unspent'],
])('ends for good, or where nothing is left to try (%#)', async (answers, story, expected) => {
  expect(await brief(answers, story)).toBe(expected);
});

describe('retries', () => {
  it('have a signature of their own, the same body, and the time as their nonce, which never falls', async () => {
    const now = Date.UTC(2040, 0, 1);
    const first = await tell([lost, WRONG_NONCE, later(503, '1'), SUCCESS], { clock: new HeldClock(now) });
    const second = await tell([SUCCESS], { clock: new HeldClock(Date.UTC(2020, 0, 1)) });
    const received = [...first.received, ...second.received];
    const different = (value: (request: Received) => unknown) => new Set(received.map(value)).size;
    expect(different(({ headers }) => headers['Biz-Api-Signature'])).toBe(5);
    expect(different(({ body }) => body)).toBe(1);
    expect(received.map(({ nonce }) => nonce - now)).toEqual([0, 375, 376, 1375, 1376]);
  });

  it('wait as Retry-After says, and are told, with the reason', async () => {
    const clock = new HeldClock(Date.UTC(2042, 7, 1));
    const date = 'Fri, 01 Aug 2042 00:01:41 GMT';
    const { lines, waits } = await tell([later(503, '41'), WRONG_NONCE, later(503, date), SUCCESS], { clock });
    const reason =
      "Cobo's address answered HTTP 503. The answer is not signed, so it comes from a proxy or firewall in front of Cobo.";
    expect(waits).toEqual([41_000, 60_000]);
    expect(lines).toEqual([
      `Attempt 1 at Cobo failed. ${reason} Trying again in 41 s.`,
      'Attempt 2 at Cobo failed. Cobo answered HTTP 401, error code 2023: Nonce was used. Trying again at once.',
      `Attempt 3 at Cobo failed. ${reason} Trying again in 1 min 0 s.`,
    ]);
  });
});

const WRONG = "The signature on Cobo's answer is wrong for the key of this environment.";
const FAR = 'more than ten minutes from the time of the request (';
it.each<[Recipe, string, Story?]>([
  [plain(200, PAGE), "Cobo's answer is not signed."],
  [signed(stranger, 200, PAGE), WRONG],
  [plain(500, PAIR), "Cobo's address answered HTTP 500 with a refresh token in it."],
  [cutOff(SUCCESS, -1), "Cobo's answer did not arrive whole: the connection was cut."],
  [() => signedAt('now', cobo, 200, PAIR), `Cobo's answer was signed at an unknown time, ${FAR}`],
  [() => signedAt(1, cobo, 200, PAIR), `Cobo's answer was signed at 1970-01-01T00:00:01Z, ${FAR}`],
  [signedLater(-600_001), "Z). Is the runner's clock right?"],
  // The clock may be what is refused.
  [(nonce) => signedAt(nonce - 1e9, cobo, 400, { error: 'nonce' }), 'Cobo answered HTTP 400, nonce.'],
  // Never the token that was sent.
  [signed(cobo, 400, { error: 'e', error_description: 'refresh-1!' }), 'Cobo answered HTTP 400, e: ***!.'],
  // A signal that came before.
  [SUCCESS, 'The run was cancelled before the refresh token was used. Re-run the job.', { stopAt: 0 }],
  [SUCCESS, 'The run was cancelled before the refresh token was used again.', { stopAt: 0, begun: true }],
])('a failure says what is wrong (%#)', async (answer, expected, story) => {
  const { result } = await tell([answer], { ...ONCE, ...story });
  expect('failure' in result && `${result.failure.message} ${result.failure.remedy}`).toContain(expected);
});

describe('org_implicit', () => {
  it('is a GET with client and organization in its query, and no body', async () => {
    const { received, lines } = await tell([SUCCESS], FIRST_RUN);
    const url = new URL('https://cobo.test/v2/oauth/token?client_id=client-1&org_id=org-1&grant_type=org_implicit');
    expect(received).toEqual([expect.objectContaining({ method: 'GET', url })]);
    expect([received[0]?.body, received[0]?.headers['Content-Type'], lines]).toEqual([undefined, undefined, []]);
  });

  it.each([
    [DEAD, 'Cobo says that the refresh token is not valid: requesting a fresh pair with org_implicit.'],
    [lost, 'The refresh token may be spent: requesting a fresh pair with org_implicit.'],
  ])('says why it is asked', async (answer, line) => {
    expect((await tell([answer, SUCCESS], { ...ORG, ...ONCE })).lines).toEqual([line]);
  });

  it('must bring a refresh token that is new, for there is no old one to keep', async () => {
    const grant = { refreshToken: undefined, access: undefined, problem: '`refresh_token` is missing' };
    expect((await tell([DEAD, signed(cobo, 200, ECHO)], ORG)).result).toStrictEqual({ grant, healed: true });
  });
});

it.each<[Recipe[], Story]>([
  [[], ORG],
  [[], FIRST_RUN],
  [[lost], ORG],
])('an error that nobody expects comes out as it is (%#)', async (before, story) => {
  const defect = new TypeError('a defect');
  await expect(tell([...before, () => defect, SUCCESS], story)).rejects.toBe(defect);
});
