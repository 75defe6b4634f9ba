import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { type CoboAccess, type Exchange, exchange } from '../../../src/cobo/exchange.ts';
import { ActionError } from '../../../src/errors.ts';
import { type HttpAnswer, TransportError } from '../../../src/http.ts';
import { HeldClock } from '../../support/clock.ts';
import {
  FakeCobo,
  newSigner,
  type Received,
  type Recipe,
  RFC_8032,
  RUNS,
  signed,
  signedAt,
  unsigned,
} from './support.ts';

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

const SUCCESS = signed(cobo, 200, PAIR);
const DEAD = signed(cobo, 400, { error: 'invalid_grant', error_description: 'Token is used.' });
const WRONG_CLIENT = signed(cobo, 401, { error: 'invalid_client' });
const WRONG_NONCE = signed(cobo, 401, { error_code: 2023, error_message: 'Nonce was used.' });
const BROKEN = signed(cobo, 500, { error_code: 1000, error_id: 'e-1' });
const BUSY = plain(429, PAGE);
const BLOCKED = plain(403, PAGE);
const IN_AN_HOUR = plain(503, '', { 'retry-after': '3600' });
const lost: Recipe = () => new TransportError('the connection was cut', true);
const unreachable: Recipe = () => new TransportError('the connection was refused', false);

interface Story {
  refreshToken?: string | undefined;
  orgId?: string;
  begun?: boolean;
  /** With which answer a signal comes, from 1; 0 for before all of them. */
  stopAt?: number;
  access?: Partial<CoboAccess>;
  clock?: HeldClock;
}

const FIRST_RUN = { refreshToken: undefined, orgId: 'org-1' };

/** Everything that can be seen of one exchange in which Cobo gives these answers, one after the other. */
async function tell(answers: readonly Recipe[], story: Story = {}) {
  const { orgId, begun, stopAt, access = {}, clock = new HeldClock() } = story;
  const controller = new AbortController();
  const recipes = answers.map((answer, index) => (nonce: number) => {
    if (index + 1 === stopAt) controller.abort();
    return answer(nonce);
  });
  if (stopAt === 0) controller.abort();
  clock.meanwhile = () => (stopAt === -1 ? controller.abort() : undefined);
  const http = new FakeCobo(keys.appKey, recipes);
  const lines: string[] = [];
  const everything: CoboAccess = {
    http,
    httpOptions: { timeoutMs: 30_000 },
    clock,
    log: { info: (line) => lines.push(line), debug: () => undefined, warning: () => undefined },
    maxAttempts: 4,
    apiUrl: 'https://cobo.test/v2',
    responseKey: cobo.publicKey,
    keys,
    clientId: 'client-1',
    stop: controller.signal,
    ...access,
  };
  const refreshToken = 'refreshToken' in story ? story.refreshToken : 'refresh-1';
  const result = await exchange(everything, refreshToken, orgId, begun);
  const { received } = http;
  return { result, outcome: outcomeOf(result), asked: received.map(letterOf).join(''), received, lines, clock };
}

/** The operation that a request asks for: R for the refresh, O for the one with the organization. */
function letterOf({ method, url, body = '{}' }: Received): string {
  const grant = method === 'GET' ? url.searchParams.get('grant_type') : JSON.parse(body).grant_type;
  return grant === 'org_implicit' ? 'O' : grant === 'refresh_token' ? 'R' : '?';
}

/** Code and state, with the token that was carried. */
function outcomeOf(result: Exchange): string {
  if ('grant' in result) return result.healed ? 'healed' : 'refreshed';
  const { failure, token, carried = '' } = result;
  return `${failure.code} ${token} ${carried}`.trim();
}

function grantIn(result: Exchange) {
  if ('grant' in result) return result.grant;
  throw result.failure;
}

function failureIn(result: Exchange): ActionError {
  if ('failure' in result) return result.failure;
  throw new Error('it did not fail');
}

describe('a refresh that succeeds', () => {
  it('is one POST with the token in its body, on a new connection that a signal ends while it is unsent', async () => {
    const onDone = () => undefined;
    const stop = new AbortController().signal;
    const access = { httpOptions: { timeoutMs: 1234, onDone }, stop };
    const { result, received, clock, lines } = await tell([SUCCESS], { access });
    const nonce = received[0]?.nonce ?? 0;
    expect(received).toEqual([
      {
        method: 'POST',
        url: new URL('https://cobo.test/v2/oauth/token'),
        nonce,
        body: '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"refresh-1"}',
        headers: {
          Accept: 'application/json',
          'Accept-Encoding': 'identity',
          'Cache-Control': 'no-store',
          'Content-Type': 'application/json',
          'User-Agent': 'cobo-refresh-action',
          'Biz-Api-Key': keys.appKey,
          'Biz-Api-Nonce': String(nonce),
          'Biz-Api-Signature': expect.stringMatching(/^[0-9a-f]{128}$/),
        },
        options: { timeoutMs: 1234, onDone, maxBytes: 128 * 1024, newConnection: true, unsentSignal: stop },
      },
    ]);
    expect({ waits: clock.waits, lines }).toEqual({ waits: [], lines: [] });
    const times = { expiresIn: 43199, expiresAt: nonce + 43_199_000 };
    const access2 = { accessToken: 'access-2', tokenType: 'Bearer', scope: '', ...times };
    const grant = { refreshToken: 'refresh-2', access: access2, problem: undefined };
    expect(result).toStrictEqual({ grant, healed: false });
  });

  it.each<[what: string, answer: Recipe]>([
    ['with 299', signed(cobo, 299, PAIR)],
    ['whole, of which the end of the message was lost', cutOff(SUCCESS, 10_000)],
    ['signed in seconds', (nonce) => signedAt(Math.floor(nonce / 1000), cobo, 200, PAIR)],
    ['signed ten minutes before the request', (nonce) => signedAt(nonce - 600_000, cobo, 200, PAIR)],
    ['signed ten minutes after the request', (nonce) => signedAt(nonce + 600_000, cobo, 200, PAIR)],
    ['malformed', signed(cobo, 200, { refresh_token: 'refresh-2' })],
  ])('may be answered %s', async (_what, answer) => {
    expect(grantIn((await tell([answer])).result).refreshToken).toBe('refresh-2');
  });

  it.each([WITHOUT_REFRESH, ECHO])('keeps the refresh token where Cobo sends no other: %j', async (body) => {
    expect(grantIn((await tell([signed(cobo, 200, body)])).result)).toMatchObject({
      refreshToken: undefined,
      access: { accessToken: 'access-2' },
      problem: undefined,
    });
  });
});

type End = 'again' | 'dead' | 'final';

const UNTRUSTED = 'answer-untrusted unknown';
const SEALED = 'answer-untrusted sealed refresh-2';

/** What one answer means by itself, and whether it is tried again, says that the token is dead, or ends it. */
const ANSWERS: [what: string, answer: Recipe, outcome: string, end: End][] = [
  ['a host that is not reached', unreachable, 'cobo-unavailable unspent', 'again'],
  ['too many requests, unsigned', BUSY, 'cobo-unavailable unspent', 'again'],
  ['too many requests, signed', signed(cobo, 429, { error_code: 2026 }), 'cobo-unavailable unspent', 'again'],
  ['a wait of five minutes', plain(429, '', { 'retry-after': '300' }), 'cobo-unavailable unspent', 'again'],
  ['a refused nonce', WRONG_NONCE, 'cobo-refused unspent', 'again'],
  ['a lost answer', lost, 'answer-lost unknown', 'again'],
  ['an answer of which only the head arrived', cutOff(SUCCESS, 0), 'answer-lost unknown', 'again'],
  ['a failure within, signed', BROKEN, 'cobo-unavailable unknown', 'again'],
  ['a failure within, unsigned', plain(502, PAGE), 'cobo-unavailable unknown', 'again'],
  ['a failure in front, cut off', cutOff(plain(500, PAGE), 3), 'answer-lost unknown', 'again'],
  ['a redirect, cut off', cutOff(plain(399, PAGE), 3), 'answer-lost unknown', 'again'],
  ['a signed refusal, cut off', cutOff(WRONG_CLIENT, 3), 'answer-lost unknown', 'again'],
  ['a dead token', DEAD, 'token-dead unspent', 'dead'],
  ['a dead token, only the end of it lost', cutOff(DEAD, 10_000), 'token-dead unspent', 'dead'],
  ['a wrong client', WRONG_CLIENT, 'cobo-refused unspent', 'final'],
  ['a dead token, unsigned', plain(400, { error: 'invalid_grant' }), 'cobo-refused unspent', 'final'],
  ['an unsigned refusal', BLOCKED, 'cobo-refused unspent', 'final'],
  ['the first status of a refusal, cut off', cutOff(plain(400, PAGE), 3), 'cobo-refused unspent', 'final'],
  ['the last status of a refusal, cut off', cutOff(plain(499, PAGE), 3), 'cobo-refused unspent', 'final'],
  ['a status below success, signed', signed(cobo, 199, ''), 'cobo-refused unspent', 'final'],
  ['a status above success, signed', signed(cobo, 300, ''), 'cobo-refused unspent', 'final'],
  ['a redirect', plain(302, '', { location: 'https://cobo.test/v3' }), 'cobo-refused unknown', 'final'],
  ['a wrongly signed refusal', signed(stranger, 400, { error: 'invalid_grant' }), UNTRUSTED, 'final'],
  ['a wrongly signed failure', signed(stranger, 500, {}), UNTRUSTED, 'final'],
  ['an unsigned success without a token', plain(200, PAGE), UNTRUSTED, 'final'],
  ['a success of no time', () => signedAt('now', cobo, 200, WITHOUT_REFRESH), UNTRUSTED, 'final'],
  ['an unsigned success', plain(200, PAIR), SEALED, 'final'],
  ['a wrongly signed success', signed(stranger, 200, PAIR), SEALED, 'final'],
  ['a success long before the request', (nonce) => signedAt(nonce - 600_001, cobo, 200, PAIR), SEALED, 'final'],
  ['a success long after the request', (nonce) => signedAt(nonce + 600_001, cobo, 200, PAIR), SEALED, 'final'],
  ['an answer cut off behind its token', cutOff(SUCCESS, -1), 'answer-lost sealed refresh-2', 'final'],
  ['an unsigned refusal with a token in it', plain(403, PAIR), SEALED, 'final'],
  ['a signed refusal with a token in it', signed(cobo, 403, PAIR), SEALED, 'final'],
  ['a failure with a token in it', plain(503, PAIR), SEALED, 'final'],
];
const ECHOES: typeof ANSWERS = [
  [
    'an answer that is cut off and repeats the token',
    cutOff(signed(cobo, 200, ECHO), -1),
    'answer-lost unknown',
    'again',
  ],
  ['an unsigned success that repeats the token', plain(200, ECHO), UNTRUSTED, 'final'],
  ['a refusal that repeats the token', plain(400, ECHO), 'cobo-refused unspent', 'final'],
];

describe.each([...ANSWERS, ...ECHOES])('%s', (_what, answer, outcome, end) => {
  const isOpen = outcome.endsWith('unknown');
  const whileOpen = outcome.replace('unspent', 'unknown').replace('token-dead', 'answer-lost');
  const once = { access: { maxAttempts: 1 } };
  const heal = (otherwise: string, heals: boolean) => (heals ? ['healed', 'O'] : [otherwise, '']);

  it('says what has become of the token, and is tried again or not', async () => {
    expect((await tell([answer], once)).outcome).toBe(outcome);
    const told = await tell([answer, SUCCESS]);
    expect([told.outcome, told.asked]).toEqual(end === 'again' ? ['refreshed', 'RR'] : [outcome, 'R']);
  });

  it('is healed where the token is dead, or the answer lost', async () => {
    const told = await tell([answer, SUCCESS], { ...once, orgId: 'org-1' });
    const [expected, asked] = heal(outcome, end === 'dead' || (end === 'again' && isOpen));
    expect([told.outcome, told.asked]).toEqual([expected, `R${asked}`]);
  });

  it('leaves the token open where it was before, by a lost answer or an earlier step', async () => {
    const twice = { access: { maxAttempts: 2 } };
    expect((await tell([lost, answer], twice)).outcome).toBe(whileOpen);
    expect((await tell([answer], { ...once, begun: true })).outcome).toBe(whileOpen);
    const [expected] = heal(whileOpen, end !== 'final');
    expect((await tell([lost, answer, SUCCESS], { ...twice, orgId: 'org-1' })).outcome).toBe(expected);
    expect((await tell([answer, SUCCESS], { ...once, begun: true, orgId: 'org-1' })).outcome).toBe(expected);
  });

  it.each([{}, { orgId: 'org-1' }])('ends it when a signal comes at the same time: %j', async (story) => {
    const told = await tell([answer, SUCCESS], { ...story, stopAt: 1 });
    expect(told.outcome).toBe(end === 'again' && !isOpen ? 'cancelled unspent' : outcome);
    expect([told.asked, told.clock.waits, told.lines]).toEqual(['R', [], []]);
  });
});

describe.each(ANSWERS)('to org_implicit, %s', (_what, answer, outcome, end) => {
  const code = outcome.replace('token-dead', 'cobo-refused');
  const withState = (state: string) => code.replace(/unspent|unknown/, state);
  const orgId = 'org-1';

  it('leaves it at what is known of the old token', async () => {
    const once = { orgId, access: { maxAttempts: 1 } };
    expect((await tell([DEAD, answer], once)).outcome).toBe(withState('unspent'));
    expect((await tell([lost, answer], once)).outcome).toBe(withState('unknown'));
    expect((await tell([answer], { ...FIRST_RUN, ...once })).outcome).toBe(withState('unspent'));
  });

  it('leaves it at what the refresh said, when a signal comes', async () => {
    const isSealed = outcome.includes('sealed');
    const isOver = end !== 'again' || isSealed;
    expect((await tell([DEAD, answer], { orgId, stopAt: 2 })).outcome).toBe(
      isOver ? withState('unspent') : 'token-dead unspent',
    );
    expect((await tell([lost, DEAD, answer], { orgId, stopAt: 3 })).outcome).toBe(
      isOver ? withState('unknown') : 'answer-lost unknown',
    );
    expect((await tell([answer], { ...FIRST_RUN, stopAt: 1 })).outcome).toBe(
      isOver ? withState('unspent') : 'cancelled unspent',
    );
  });
});

describe('retries', () => {
  it.each<[answers: Recipe[], outcome: string, asked: string, story?: Story]>([
    [[WRONG_NONCE, WRONG_NONCE, SUCCESS], 'cobo-refused unspent', 'RR'],
    [[WRONG_NONCE, lost, WRONG_NONCE, SUCCESS], 'cobo-refused unknown', 'RRR', { orgId: 'org-1' }],
    [[BROKEN, BROKEN, BROKEN, SUCCESS], 'cobo-unavailable unknown', 'RRR', { access: { maxAttempts: 3 } }],
    [[plain(429, '', { 'retry-after': '301' }), SUCCESS], 'cobo-unavailable unspent', 'R', { orgId: 'org-1' }],
    [[lost, IN_AN_HOUR, SUCCESS], 'healed', 'RRO', { orgId: 'org-1' }],
    [[lost, lost, lost, lost, lost, BUSY, WRONG_NONCE, SUCCESS], 'healed', 'RRRROOOO', { orgId: 'org-1' }],
    [[WRONG_NONCE, lost, DEAD, WRONG_NONCE, SUCCESS], 'healed', 'RRROO', { orgId: 'org-1' }],
    [[unreachable, DEAD], 'token-dead unspent', 'RR'],
  ])('end for good, or where nothing is left to try (%#)', async (answers, outcome, asked, story) => {
    const told = await tell(answers, story);
    expect([told.outcome, told.asked]).toEqual([outcome, asked]);
  });

  it('have a nonce and a signature of their own, and the same body', async () => {
    const { received } = await tell([lost, WRONG_NONCE, BUSY, SUCCESS]);
    const different = (value: (request: Received) => unknown) => new Set(received.map(value)).size;
    expect(different(({ headers }) => headers['Biz-Api-Signature'])).toBe(4);
    expect(different(({ body }) => body)).toBe(1);
  });

  it.each([
    [{}, [375]],
    [{ 'retry-after': '41' }, [41_000]],
    [{ 'retry-after': 'Sat, 01 Aug 2026 00:01:00 GMT' }, [60_000]],
  ])('wait as Retry-After says: %j', async (headers, waits) => {
    const clock = new HeldClock(Date.UTC(2026, 7, 1));
    await tell([plain(503, '', headers), SUCCESS], { clock });
    expect(clock.waits).toEqual(waits);
  });

  it('are told, with the reason and the wait', async () => {
    const { lines } = await tell([plain(503, '', { 'retry-after': '41' }), WRONG_NONCE, SUCCESS]);
    expect(lines).toEqual([
      "Attempt 1 at Cobo failed. Cobo's address answered HTTP 503. The answer is not signed, so it comes from a proxy or firewall in front of Cobo. Trying again in 41 s.",
      'Attempt 2 at Cobo failed. Cobo answered HTTP 401, error code 2023: Nonce was used. Trying again at once.',
    ]);
  });

  it('have the time as their nonce, raised by one within a millisecond, and never a lower one', async () => {
    const now = Date.UTC(2040, 0, 1);
    const first = await tell([WRONG_NONCE, SUCCESS], { clock: new HeldClock(now) });
    const second = await tell([SUCCESS], { clock: new HeldClock(Date.UTC(2020, 0, 1)) });
    expect([...first.received, ...second.received].map(({ nonce }) => nonce)).toEqual([now, now + 1, now + 2]);
  });
});

describe('what a failure says', () => {
  const WRONG = "The signature on Cobo's answer is wrong for the key of this environment.";
  it.each<[Recipe, string | RegExp]>([
    [plain(200, PAGE), "Cobo's answer is not signed."],
    [signed(stranger, 200, PAGE), WRONG],
    [(nonce) => ({ ...(SUCCESS(nonce) as HttpAnswer), body: Buffer.from('{}') }), WRONG],
    [plain(500, PAIR), "Cobo's address answered HTTP 500 with a refresh token in it."],
    [cutOff(SUCCESS, -1), "Cobo's answer did not arrive whole: the connection was cut."],
    [
      () => signedAt('now', cobo, 200, PAIR),
      /^Cobo's answer was signed at an unknown time, more than ten minutes from/,
    ],
    [
      (nonce) => signedAt(nonce - 600_001, cobo, 200, PAIR),
      /^Cobo's answer was signed at \d{4}-[^.]*Z, more than ten minutes from the time of the request \(\d{4}-[^.]*Z\)\. Is the runner's clock right\?$/,
    ],
    // The clock may be what is refused.
    [(nonce) => signedAt(nonce - 1e9, cobo, 400, { error: 'nonce' }), 'Cobo answered HTTP 400, nonce.'],
    // Never the token that was sent.
    [signed(cobo, 400, { error: 'e', error_description: 'refresh-1!' }), 'Cobo answered HTTP 400, e: ***!.'],
  ])('names what is wrong (%#)', async (answer, message) => {
    const failure = failureIn((await tell([answer], { access: { maxAttempts: 1 } })).result);
    if (typeof message === 'string') expect(failure.message).toBe(message);
    else expect(failure.message).toMatch(message);
  });

  it.each([
    [false, 'unspent', ''],
    [true, 'unknown', ' again'],
  ])('names a signal before the first attempt (begun: %s)', async (begun, token, again) => {
    const { result, asked } = await tell([SUCCESS], { begun, stopAt: 0, orgId: 'org-1' });
    const message = `The run was cancelled before the refresh token was used${again}.`;
    expect([asked, result]).toMatchObject([
      '',
      { token, failure: { code: 'cancelled', message, remedy: 'Re-run the job.' } },
    ]);
  });

  it('is the error of the connection where that cannot be set up at all', async () => {
    const invalid = new ActionError('proxy-invalid', 'The proxy.', 'Mend it.');
    const { result, asked } = await tell([() => invalid, SUCCESS], { orgId: 'org-1' });
    expect(asked).toBe('R');
    expect(result).toStrictEqual({ failure: invalid, token: 'unspent' });
  });
});

describe('a signal', () => {
  it.each<[answers: Recipe[], stopAt: number, outcome: string, asked: string, story?: Story]>([
    [[BUSY, BUSY], 2, 'cancelled unspent', 'RR', { access: { maxAttempts: 2 } }],
    [[WRONG_NONCE, WRONG_NONCE], 2, 'cobo-refused unspent', 'RR'],
    // What was never sent says nothing.
    [[lost, unreachable, SUCCESS], 2, 'answer-lost unknown', 'RR'],
    [[unreachable, SUCCESS], 1, 'cancelled unknown', 'R', { begun: true }],
    [[SUCCESS], 1, 'refreshed', 'R'],
    [[DEAD, SUCCESS], 2, 'healed', 'RO'],
    // During a wait.
    [[BUSY, SUCCESS], -1, 'cancelled unspent', 'R'],
    [[lost, SUCCESS], -1, 'answer-lost unknown', 'R'],
    [[BUSY, SUCCESS], -1, 'cancelled unspent', 'O', FIRST_RUN],
    [[SUCCESS], 0, 'cancelled unspent', '', FIRST_RUN],
  ])('ends what is not over (%#)', async (answers, stopAt, outcome, asked, story = {}) => {
    const told = await tell(answers, { orgId: 'org-1', ...story, stopAt });
    expect([told.outcome, told.asked]).toEqual([outcome, asked]);
  });
});

describe('org_implicit', () => {
  it('is a GET with client and organization in its query, and no body', async () => {
    const { received, lines } = await tell([SUCCESS], FIRST_RUN);
    const url = 'https://cobo.test/v2/oauth/token?client_id=client-1&org_id=org-1&grant_type=org_implicit';
    expect(received).toMatchObject([{ method: 'GET', url: new URL(url) }]);
    expect([received[0]?.body, received[0]?.headers['Content-Type'], lines]).toEqual([undefined, undefined, []]);
  });

  it.each([
    [DEAD, 'Cobo says that the refresh token is not valid: requesting a fresh pair with org_implicit.'],
    [lost, "Cobo's answer was lost: requesting a fresh pair with org_implicit."],
  ])('says why it is asked', async (answer, line) => {
    expect((await tell([answer, SUCCESS], { orgId: 'org-1', access: { maxAttempts: 1 } })).lines).toEqual([line]);
  });

  it.each([WITHOUT_REFRESH, ECHO])('must bring a refresh token, for there is no old one to keep', async (body) => {
    const { result } = await tell([DEAD, signed(cobo, 200, body)], { orgId: 'org-1' });
    const grant = { refreshToken: undefined, access: undefined, problem: '`refresh_token` is missing' };
    expect(result).toStrictEqual({ grant, healed: true });
  });

  it('is asked even with neither token nor organization, for Cobo to say what is wrong', async () => {
    const { outcome, received } = await tell([WRONG_CLIENT], { refreshToken: undefined });
    expect([outcome, received[0]?.url.searchParams.get('org_id')]).toEqual(['cobo-refused unspent', '']);
  });
});

describe('an error that nobody expects', () => {
  it.each<[Recipe[], Story]>([
    [[], { orgId: 'org-1' }],
    [[], FIRST_RUN],
    [[lost], { orgId: 'org-1' }],
  ])('comes out as it is (%#)', async (before, story) => {
    const defect = new TypeError('a defect');
    await expect(tell([...before, () => defect, SUCCESS], story)).rejects.toBe(defect);
  });

  it('comes out before anything is sent where a signature is wrong', async () => {
    const send = vi.spyOn(FakeCobo.prototype, 'send');
    const mixed = { appSecret: readAppSecret(RFC_8032[1].seed).appSecret, appKey: keys.appKey };
    await expect(tell([SUCCESS], { access: { keys: mixed } })).rejects.toThrow('The signature does not verify.');
    expect(send).not.toHaveBeenCalled();
    send.mockRestore();
  });
});

describe('any story', () => {
  it('is honest about the token, and never sends it again once an answer has carried another', async () => {
    const success: [string, Recipe, string, End] = ['success', SUCCESS, 'success', 'final'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(success, ...ANSWERS), { minLength: 10, maxLength: 10 }),
        fc.record({
          refreshToken: fc.constantFrom('refresh-1', undefined),
          begun: fc.boolean(),
          stopAt: fc.integer({ min: 1, max: 10 }),
        }),
        fc.constantFrom({}, { orgId: 'org-1' }),
        fc.integer({ min: 1, max: 5 }),
        async (plan, story, org, maxAttempts) => {
          const answers = plan.map(([, answer]) => answer);
          const { result, outcome, asked, lines } = await tell(answers, { ...story, ...org, access: { maxAttempts } });
          const answered = plan.slice(0, asked.length);
          const refreshes = answered.filter((_answer, index) => asked[index] === 'R');
          expect(asked).toMatch(new RegExp(`^R{0,${maxAttempts}}O{0,${maxAttempts}}$`));
          expect(asked.length).toBeLessThanOrEqual(story.stopAt);
          // Only the last answer can carry a token or be a success.
          for (const [, , meaning] of answered.slice(0, -1)) expect(meaning).not.toMatch(/sealed|success/);
          const [, , last = ''] = answered.at(-1) ?? [];
          expect('grant' in result).toBe(last === 'success');
          if ('grant' in result) return;
          expect(`${failureIn(result).stack} ${failureIn(result).remedy} ${lines}`).not.toMatch(
            /refresh-[12]|access-2/,
          );
          const isOpen = story.begun || refreshes.some(([, , meaning]) => meaning.endsWith('unknown'));
          expect(outcome).toMatch(last.includes('sealed') ? / sealed refresh-2$/ : isOpen ? / unknown$/ : / unspent$/);
        },
      ),
      RUNS,
    );
  });
});
