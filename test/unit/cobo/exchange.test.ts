import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { type CoboAccess, type Exchange, exchange } from '../../../src/cobo/exchange.ts';
import * as signing from '../../../src/cobo/signing.ts';
import { ActionError } from '../../../src/errors.ts';
import { type HttpAnswer, TransportError } from '../../../src/http.ts';
import { HeldClock } from '../../support/clock.ts';
import {
  cutOff,
  FakeCobo,
  lost,
  newSigner,
  type Received,
  type Recipe,
  RUNS,
  signed,
  signedAt,
  unreachable,
  unsigned,
} from './support.ts';

const cobo = newSigner();
const stranger = newSigner();
const keys = readAppSecret('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');

const PAIR = {
  access_token: 'access-2',
  token_type: 'Bearer',
  scope: '',
  expires_in: 43199,
  refresh_token: 'refresh-2',
};
const { refresh_token: _left, ...PAIR_WITHOUT_REFRESH } = PAIR;
const ECHO = { ...PAIR, refresh_token: 'refresh-1' };
const PAGE = '<html>';

/** An answer without a signature, whatever the nonce. */
function plain(status: number, body: unknown, headers: Record<string, string> = {}) {
  return () => unsigned(status, body, headers);
}

const twice = (answer: Recipe) => [answer, answer];

const SUCCESS = signed(cobo, 200, PAIR);
const DEAD = signed(cobo, 400, { error: 'invalid_grant', error_description: 'Token is used.' });
const WRONG_CLIENT = signed(cobo, 401, { error: 'invalid_client' });
const WRONG_NONCE = signed(cobo, 401, { error_code: 2023, error_message: 'Nonce was used.' });
const BROKEN = signed(cobo, 500, { error_code: 1000, error_id: 'e-1' });
const BUSY = plain(429, PAGE);
const BLOCKED = plain(403, PAGE);
const IN_FIVE_MINUTES = plain(429, '', { 'retry-after': '300' });
const IN_AN_HOUR = plain(503, '', { 'retry-after': '3600' });

interface Story {
  /** What Cobo answers, one after the other. */
  answers: readonly Recipe[];
  refreshToken?: string | undefined;
  orgId?: string | undefined;
  /** Whether an earlier step has sent this token. */
  doubtful?: boolean;
  access?: Partial<CoboAccess>;
  clock?: HeldClock;
}

/** Everything that can be seen of one exchange. */
async function tell({ answers, orgId, doubtful, access = {}, clock = new HeldClock(), ...rest }: Story) {
  const http = new FakeCobo(keys.appKey, answers);
  const lines: string[] = [];
  const everything: CoboAccess = {
    http,
    httpOptions: { timeoutMs: 30_000 },
    clock,
    log: {
      info: (line) => lines.push(line),
      debug: () => undefined,
      warning: (line) => lines.push(`warning: ${line}`),
    },
    maxAttempts: 4,
    apiUrl: 'https://cobo.test/v2',
    responseKey: cobo.publicKey,
    keys,
    clientId: 'client-1',
    stop: new AbortController().signal,
    ...access,
  };
  const refreshToken = 'refreshToken' in rest ? rest.refreshToken : 'refresh-1';
  const result = await exchange(everything, refreshToken, orgId, doubtful);
  const { received, left } = http;
  return { result, received, left, lines, slept: clock.waits, grants: received.map(grantOf).join(' ') };
}

/** Which grant a request asks for, in one word. */
function grantOf({ method, url, body }: Received): string {
  const grant = method === 'GET' ? new URL(url).searchParams.get('grant_type') : JSON.parse(body ?? '{}').grant_type;
  return grant === 'org_implicit' ? 'org' : grant === 'refresh_token' ? 'refresh' : 'something else';
}

function grantIn(result: Exchange) {
  if ('grant' in result) return result.grant;
  throw result.failure;
}

function failureIn(result: Exchange) {
  if ('failure' in result) return result;
  throw new Error('it did not fail');
}

/** Code and state in one word each, with the token that was carried. */
function outcome(result: Exchange): string {
  if ('grant' in result) return result.healed ? 'healed' : 'refreshed';
  const { failure, token, carried } = result;
  return [failure.code, token, ...(carried === undefined ? [] : [carried])].join(' ');
}

describe('a refresh that succeeds', () => {
  it('gives the new pair, whose life counts from the signed time', async () => {
    const { result, received } = await tell({ answers: [SUCCESS] });
    expect(result).toStrictEqual({
      grant: {
        refreshToken: 'refresh-2',
        access: {
          accessToken: 'access-2',
          tokenType: 'Bearer',
          scope: '',
          expiresIn: 43199,
          expiresAt: Number(received[0]?.nonce) + 43_199_000,
        },
        problem: undefined,
      },
      healed: false,
    });
  });

  it('is one POST with the token in its body, on a new connection that a signal ends while it is unsent', async () => {
    const onDone = () => undefined;
    const stop = new AbortController().signal;
    const { received, slept, lines } = await tell({
      answers: [SUCCESS],
      access: { httpOptions: { timeoutMs: 1234, onDone }, stop },
    });
    expect(received).toEqual([
      {
        method: 'POST',
        url: 'https://cobo.test/v2/oauth/token',
        nonce: expect.any(String),
        body: '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"refresh-1"}',
        headers: {
          Accept: 'application/json',
          'Accept-Encoding': 'identity',
          'Cache-Control': 'no-store',
          'Content-Type': 'application/json',
          'User-Agent': 'cobo-refresh-action',
          'Biz-Api-Key': keys.appKey,
          'Biz-Api-Nonce': received[0]?.nonce,
          'Biz-Api-Signature': expect.stringMatching(/^[0-9a-f]{128}$/),
        },
        options: { timeoutMs: 1234, onDone, maxBytes: 128 * 1024, newConnection: true, unsentSignal: stop },
      },
    ]);
    expect({ slept, lines }).toEqual({ slept: [], lines: [] });
  });

  it.each([200, 201, 299])('may have the status %i', async (status) => {
    expect(grantIn((await tell({ answers: [signed(cobo, status, PAIR)] })).result).refreshToken).toBe('refresh-2');
  });

  it.each([
    ['none', PAIR_WITHOUT_REFRESH],
    ['the one that was sent', ECHO],
  ])('keeps the refresh token where Cobo sends %s', async (_what, body) => {
    const { refreshToken, access, problem } = grantIn((await tell({ answers: [signed(cobo, 200, body)] })).result);
    expect([refreshToken, access?.accessToken, problem]).toEqual([undefined, 'access-2', undefined]);
  });

  it('gives the refresh token even when the rest is malformed', async () => {
    const { result } = await tell({ answers: [signed(cobo, 200, { ...PAIR, expires_in: 'soon' })] });
    expect(result).toStrictEqual({
      grant: {
        refreshToken: 'refresh-2',
        access: undefined,
        problem: '`expires_in` is not a whole number of seconds above 0',
      },
      healed: false,
    });
  });

  it.each([
    ['a token of other scripts', 'é漢🔑"\\%|'],
    ['a token with half of a surrogate pair', 'a\ud800b'],
  ])('signs what is sent, for %s', async (_what, refreshToken) => {
    expect(outcome((await tell({ answers: [SUCCESS], refreshToken })).result)).toBe('refreshed');
  });

  it.each([
    ['a prefix', 'https://proxy.test/cobo/v2', 'https://proxy.test/cobo/v2/oauth/token'],
    ['a slash at its end', 'https://cobo.test/v2/', 'https://cobo.test/v2/oauth/token'],
    ['a port', 'http://127.0.0.1:8080/v2', 'http://127.0.0.1:8080/v2/oauth/token'],
    ['no path', 'https://cobo.test', 'https://cobo.test/oauth/token'],
    ['an escaped character', 'https://cobo.test/a%20b/v2', 'https://cobo.test/a%20b/v2/oauth/token'],
  ])('goes to a base URL with %s', async (_what, apiUrl, url) => {
    expect((await tell({ answers: [SUCCESS], access: { apiUrl } })).received).toMatchObject([{ url }]);
  });

  it.each([
    [
      'compressed, signed as sent',
      signed(cobo, 200, zlib.gzipSync(JSON.stringify(PAIR)), { 'content-encoding': 'gzip' }),
    ],
    [
      'compressed, signed as decoded',
      (nonce: number) => ({
        ...signedAt(nonce, cobo, 200, PAIR, { 'content-encoding': 'br' }),
        body: zlib.brotliCompressSync(JSON.stringify(PAIR)),
      }),
    ],
    ['with a byte order mark', signed(cobo, 200, `\uFEFF${JSON.stringify(PAIR)}`)],
    ['whole, of which the end of the message was lost', cutOff(SUCCESS, 10_000)],
    ['signed in seconds', (nonce: number) => signedAt(Math.floor(nonce / 1000), cobo, 200, PAIR)],
    ['signed ten minutes before the request', (nonce: number) => signedAt(nonce - 600_000, cobo, 200, PAIR)],
    ['signed ten minutes after the request', (nonce: number) => signedAt(nonce + 600_000, cobo, 200, PAIR)],
  ])('may be answered %s', async (_what, answer) => {
    expect(grantIn((await tell({ answers: [answer] })).result).refreshToken).toBe('refresh-2');
  });
});

describe('retries', () => {
  it.each([
    ['an answer that was lost', lost],
    ['an answer of which only the head arrived', cutOff(SUCCESS, 0)],
    ['an answer that was cut off and only repeats the token', cutOff(signed(cobo, 200, ECHO), -1)],
    ['a host that was not reached', unreachable],
    ['too many requests, said by a proxy', BUSY],
    ['too many requests, said by Cobo', signed(cobo, 429, { error_code: 2026 })],
    ['a signed failure within', BROKEN],
    ['an unsigned failure within', plain(502, PAGE)],
    ['a refused nonce', WRONG_NONCE],
    ['a wait of five minutes', IN_FIVE_MINUTES],
  ])('follow %s', async (_what, answer) => {
    const { result, grants } = await tell({ answers: [answer, SUCCESS] });
    expect([outcome(result), grants]).toEqual(['refreshed', 'refresh refresh']);
  });

  it.each([
    ['a wrong client', WRONG_CLIENT],
    ['a dead token', DEAD],
    ['an unsigned refusal', BLOCKED],
    ['an unsigned refusal that was cut off', cutOff(plain(403, PAGE), 3)],
    ['a redirect', plain(302, '', { location: 'https://cobo.test/v3' })],
    ['an unsigned success', plain(200, PAIR)],
    ['an unsigned success without a token', plain(200, PAGE)],
    ['a wrongly signed success', signed(stranger, 200, PAIR)],
    ['a wrongly signed failure within', signed(stranger, 500, {})],
    ['an answer that was cut off behind its refresh token', cutOff(SUCCESS, -1)],
    ['a failure that carries a refresh token', plain(503, PAIR)],
    ['a wait of more than five minutes', plain(429, '', { 'retry-after': '301' })],
  ])('do not follow %s', async (_what, answer) => {
    const { received, left } = await tell({ answers: [answer, SUCCESS] });
    expect([received.length, left]).toEqual([1, 1]);
  });

  it('follow a refused nonce once', async () => {
    const { result, grants } = await tell({ answers: [WRONG_NONCE, WRONG_NONCE, SUCCESS] });
    expect([outcome(result), grants]).toEqual(['cobo-refused unspent', 'refresh refresh']);
  });

  it('follow a refused nonce once, whatever comes between', async () => {
    const { result, grants } = await tell({ answers: [WRONG_NONCE, lost, WRONG_NONCE, SUCCESS] });
    expect([outcome(result), grants]).toEqual(['cobo-refused unknown', 'refresh refresh refresh']);
  });

  it('end after as many attempts as are allowed', async () => {
    const { received, left } = await tell({
      answers: [BROKEN, BROKEN, BROKEN, SUCCESS],
      access: { maxAttempts: 3 },
    });
    expect([received.length, left]).toEqual([3, 1]);
  });

  it('have a nonce and a signature of their own, and the same body', async () => {
    const { received } = await tell({ answers: [lost, WRONG_NONCE, BUSY, SUCCESS] });
    const different = (value: (request: Received) => unknown) => new Set(received.map(value)).size;
    expect(different(({ nonce }) => nonce)).toBe(4);
    expect(different(({ headers }) => headers['Biz-Api-Signature'])).toBe(4);
    expect(different(({ body }) => body)).toBe(1);
  });

  it('wait longer each time when nobody says how long', async () => {
    expect((await tell({ answers: [BUSY, BUSY, BUSY, SUCCESS] })).slept).toEqual([375, 750, 1500]);
  });

  it.each([
    ['in seconds', { 'retry-after': '41' }, 41_000],
    ['by a date', { 'retry-after': 'Sat, 01 Aug 2026 00:01:00 GMT' }, 60_000],
    [
      "by a date of Cobo's clock, where the runner's is off",
      { date: 'Sun, 02 Aug 2026 00:00:00 GMT', 'retry-after': 'Sun, 02 Aug 2026 00:00:30 GMT' },
      30_000,
    ],
  ])('wait as Retry-After says %s', async (_what, headers, wait) => {
    const clock = new HeldClock(Date.UTC(2026, 7, 1));
    expect((await tell({ answers: [plain(503, '', headers), SUCCESS], clock })).slept).toEqual([wait]);
  });

  it('are told, with the reason and the wait', async () => {
    const { lines, slept } = await tell({
      answers: [plain(503, '', { 'retry-after': '41' }), WRONG_NONCE, SUCCESS],
    });
    expect(lines).toEqual([
      "Attempt 1 at Cobo failed. Cobo's address answered HTTP 503. The answer is not signed, so it comes from a proxy or firewall in front of Cobo. Trying again in 41 s.",
      'Attempt 2 at Cobo failed. Cobo answered HTTP 401, error code 2023: Nonce was used. Trying again at once.',
    ]);
    expect(slept).toEqual([41_000]);
  });
});

describe('the nonce', () => {
  it('is the time in milliseconds, raised by one where two attempts fall into the same, and never falls', async () => {
    const now = Date.UTC(2040, 0, 1);
    const nonces: number[] = [];
    for (const time of [now, Date.UTC(2020, 0, 1)]) {
      const { received } = await tell({ answers: [WRONG_NONCE, SUCCESS], clock: new HeldClock(time) });
      nonces.push(...received.map(({ nonce }) => Number(nonce)));
    }
    expect(nonces).toEqual([now, now + 1, now + 2, now + 3]);
  });
});

describe('what a failure is, and what it means for the refresh token', () => {
  it.each([
    ['a wrong client', [WRONG_CLIENT], 'cobo-refused unspent'],
    ['a dead token', [DEAD], 'token-dead unspent'],
    ['a host that was never reached', [unreachable, unreachable], 'cobo-unavailable unspent'],
    ['too many requests', [BUSY, BUSY], 'cobo-unavailable unspent'],
    ['a refused nonce', [WRONG_NONCE, WRONG_NONCE], 'cobo-refused unspent'],
    ['a lost answer', [lost, lost], 'answer-lost unknown'],
    ['an answer that was cut off', [cutOff(SUCCESS, 20), cutOff(SUCCESS, 20)], 'answer-lost unknown'],
    ['a lost answer, then a host that is not reached', [lost, unreachable], 'cobo-unavailable unknown'],
    ['a lost answer, then a dead token', [lost, DEAD], 'answer-lost unknown'],
    ['a failure within, then a dead token', [plain(502, PAGE), DEAD], 'answer-lost unknown'],
    ['a lost answer, then too many requests', [lost, BUSY], 'cobo-unavailable unknown'],
    ['a lost answer, then a wrong client', [lost, WRONG_CLIENT], 'cobo-refused unknown'],
    ['a lost answer, then a firewall', [lost, BLOCKED], 'cobo-refused unknown'],
    ['a host that is not reached, then a lost answer', [unreachable, lost], 'answer-lost unknown'],
    ['a host that is not reached, then a dead token', [unreachable, DEAD], 'token-dead unspent'],
    ['too many requests, then a dead token', [BUSY, DEAD], 'token-dead unspent'],
    ['a signed failure within', [BROKEN, BROKEN], 'cobo-unavailable unknown'],
    ['an unsigned failure within', [plain(502, ''), plain(503, '')], 'cobo-unavailable unknown'],
    ['a firewall', [BLOCKED], 'cobo-refused unspent'],
    ['a firewall whose page did not arrive whole', [cutOff(plain(403, PAGE), 3)], 'cobo-refused unspent'],
    ['a load balancer', [plain(408, PAGE)], 'cobo-refused unspent'],
    ['the last status of a refusal, cut off', [cutOff(plain(499, PAGE), 3)], 'cobo-refused unspent'],
    ['the first status of a refusal, cut off', [cutOff(plain(400, PAGE), 3)], 'cobo-refused unspent'],
    ['a failure in front, cut off', twice(cutOff(plain(500, PAGE), 3)), 'answer-lost unknown'],
    ['a redirect, cut off', twice(cutOff(plain(399, PAGE), 3)), 'answer-lost unknown'],
    ['a status below success, signed', [signed(cobo, 199, '')], 'cobo-refused unspent'],
    ['a status above success, signed', [signed(cobo, 300, '')], 'cobo-refused unspent'],
    ['a signed refusal that was cut off', [cutOff(WRONG_CLIENT, 3), BLOCKED], 'cobo-refused unknown'],
    ['a signed refusal of which only the end was lost', [cutOff(DEAD, 10_000)], 'token-dead unspent'],
    ['an unsigned word that the token is dead', [plain(400, { error: 'invalid_grant' })], 'cobo-refused unspent'],
    ['a wrongly signed refusal', [signed(stranger, 400, { error: 'invalid_grant' })], 'answer-untrusted unknown'],
    ['an unsigned success without a token', [plain(200, PAGE)], 'answer-untrusted unknown'],
    ['an unsigned success that repeats the token', [plain(200, ECHO)], 'answer-untrusted unknown'],
    ['a refusal that repeats the token', [plain(400, ECHO)], 'cobo-refused unspent'],
    ['an unsigned success', [plain(200, PAIR)], 'answer-untrusted sealed refresh-2'],
    ['a wrongly signed success', [signed(stranger, 200, PAIR)], 'answer-untrusted sealed refresh-2'],
    ['an answer that was cut off behind its token', [cutOff(SUCCESS, -1)], 'answer-lost sealed refresh-2'],
    ['a lost answer, then one that cannot be trusted', [lost, plain(200, PAIR)], 'answer-untrusted sealed refresh-2'],
    ['an unsigned refusal with a token in it', [plain(403, PAIR)], 'answer-untrusted sealed refresh-2'],
    ['a signed refusal with a token in it', [signed(cobo, 403, PAIR)], 'answer-untrusted sealed refresh-2'],
    ['a failure with a token in it', [plain(500, PAIR)], 'answer-untrusted sealed refresh-2'],
  ])('%s', async (_what, answers, expected) => {
    const { result, left } = await tell({ answers, access: { maxAttempts: 2 } });
    expect([outcome(result), left]).toEqual([expected, 0]);
  });

  it.each([
    ['without a signature', plain(200, PAGE), "Cobo's answer is not signed."],
    [
      'with the signature of somebody else',
      signed(stranger, 200, PAGE),
      "The signature on Cobo's answer is wrong for the key of this environment.",
    ],
    [
      'that was changed on the way',
      (nonce: number) => ({ ...SUCCESS(nonce), body: Buffer.from('{}') }),
      "The signature on Cobo's answer is wrong for the key of this environment.",
    ],
    [
      'with a refresh token and a failure',
      plain(500, PAIR),
      "Cobo's address answered HTTP 500 with a refresh token in it.",
    ],
    ['that was cut off', cutOff(SUCCESS, -1), "Cobo's answer did not arrive whole: the connection was cut."],
  ])('says what is wrong with an answer %s', async (_what, answer, message) => {
    expect(failureIn((await tell({ answers: [answer] })).result).failure.message).toBe(message);
  });

  it.each([
    ['before', -600_001],
    ['after', 600_001],
    ['long before', -1e12],
  ])('does not trust an answer that was signed more than ten minutes %s the request', async (_when, off) => {
    const clock = new HeldClock(Date.UTC(2050, 0, 1, 12) + off);
    const { result } = await tell({ answers: [(nonce) => signedAt(nonce + off, cobo, 200, PAIR)], clock });
    expect(outcome(result)).toBe('answer-untrusted sealed refresh-2');
    expect(failureIn(result).failure.message).toMatch(
      /^Cobo's answer was signed at \d{4}-[^.]*Z, more than ten minutes from the time of the request \(\d{4}-[^.]*Z\)\. Is the runner's clock right\?$/,
    );
  });

  it('does not trust an answer whose timestamp is no time', async () => {
    const { result } = await tell({ answers: [() => signedAt('now', cobo, 200, PAIR_WITHOUT_REFRESH)] });
    expect(outcome(result)).toBe('answer-untrusted unknown');
    expect(failureIn(result).failure.message).toContain('was signed at an unknown time');
  });

  it('takes a signed refusal whose time is far off, for the clock may be what is refused', async () => {
    const stale: Recipe = (nonce) => signedAt(nonce - 1e9, cobo, 401, { error_code: 2023 });
    const { result } = await tell({ answers: [stale, stale] });
    expect(failureIn(result).failure.remedy).toContain("runner's clock");
  });

  it('is never told with the token that was sent', async () => {
    const body = { error: 'invalid_request', error_description: 'refresh-1 is not known' };
    const { failure } = failureIn((await tell({ answers: [signed(cobo, 400, body)] })).result);
    expect(failure.message).toBe('Cobo answered HTTP 400, invalid_request: *** is not known.');
  });

  it('is the error of the connection where that cannot be set up at all', async () => {
    const invalid = new ActionError('proxy-invalid', 'The proxy.', 'Mend it.');
    const { result, left } = await tell({ answers: [() => invalid, SUCCESS], orgId: 'org-1' });
    expect([result, left]).toEqual([{ failure: invalid, token: 'unspent' }, 1]);
  });
});

describe('a token that an earlier step has sent, and whose answer was lost', () => {
  it.each([
    ['refreshed', undefined, [SUCCESS], 'refreshed'],
    ['dead', undefined, [DEAD], 'answer-lost unknown'],
    ['dead', 'org-1', [DEAD, SUCCESS], 'healed'],
    ['dead', 'org-1', [DEAD, WRONG_CLIENT], 'cobo-refused unknown'],
    ['refused', 'org-1', [WRONG_CLIENT, SUCCESS], 'cobo-refused unknown'],
    ['never sent', undefined, [unreachable, unreachable], 'cobo-unavailable unknown'],
    ['never sent', 'org-1', [unreachable, unreachable, SUCCESS], 'healed'],
    ['carried', 'org-1', [plain(200, PAIR)], 'answer-untrusted sealed refresh-2'],
  ])('is %s (organization: %s)', async (_what, orgId, answers, expected) => {
    const { result } = await tell({ answers, orgId, doubtful: true, access: { maxAttempts: 2 } });
    expect(outcome(result)).toBe(expected);
  });

  it('stays in doubt where it cannot be used at all, and healing fails', async () => {
    const story = { answers: [WRONG_CLIENT], refreshToken: undefined, orgId: 'org-1', doubtful: true };
    expect(outcome((await tell(story)).result)).toBe('cobo-refused unknown');
  });

  it('stays in doubt when a signal comes before it is used again', async () => {
    const { result } = await tell({
      answers: [SUCCESS],
      doubtful: true,
      access: { stop: AbortSignal.abort() },
    });
    expect(outcome(result)).toBe('cancelled unknown');
    expect(failureIn(result).failure.message).toBe('The run was cancelled before the refresh token was used again.');
  });
});

describe('a signal', () => {
  /** Cobo's answers, where the signal comes with the one of this number (from 1), or before all of them. */
  async function stopped(at: number, answers: readonly Recipe[], story: Partial<Story> = {}) {
    const controller = new AbortController();
    if (at === 0) controller.abort();
    const recipes = answers.map((answer, index) => (nonce: number) => {
      if (index + 1 === at) controller.abort();
      return answer(nonce);
    });
    return tell({ answers: recipes, ...story, access: { stop: controller.signal, ...story.access } });
  }
  const CANCELLED = 'cancelled unspent';

  it.each([
    ['before the first attempt', 0, [SUCCESS], CANCELLED, ''],
    ['with too many requests', 1, [BUSY, SUCCESS], CANCELLED, 'refresh'],
    ['with a connection that was refused', 1, [unreachable, SUCCESS], CANCELLED, 'refresh'],
    ['with a refused nonce', 1, [WRONG_NONCE, SUCCESS], CANCELLED, 'refresh'],
    ['with too many requests, the last time', 2, [BUSY, BUSY], CANCELLED, 'refresh refresh'],
    ['with a nonce that is refused again', 2, [WRONG_NONCE, WRONG_NONCE], 'cobo-refused unspent', 'refresh refresh'],
    ['with the answer', 1, [SUCCESS], 'refreshed', 'refresh'],
    ['with a dead token', 1, [DEAD, SUCCESS], 'token-dead unspent', 'refresh'],
    ['with a wrong client', 1, [WRONG_CLIENT, SUCCESS], 'cobo-refused unspent', 'refresh'],
    ['with a firewall', 1, [BLOCKED, SUCCESS], 'cobo-refused unspent', 'refresh'],
    ['with a lost answer', 1, [lost, SUCCESS], 'answer-lost unknown', 'refresh'],
    ['with a failure within', 1, [BROKEN, SUCCESS], 'cobo-unavailable unknown', 'refresh'],
    [
      'with too many requests, after a lost answer',
      2,
      [lost, BUSY, SUCCESS],
      'cobo-unavailable unknown',
      'refresh refresh',
    ],
    [
      'while nothing is sent, after a lost answer',
      2,
      [lost, unreachable, SUCCESS],
      'answer-lost unknown',
      'refresh refresh',
    ],
    ['with an untrusted answer', 1, [plain(200, PAIR), SUCCESS], 'answer-untrusted sealed refresh-2', 'refresh'],
  ])('that comes %s ends it', async (_when, at, answers, expected, grants) => {
    for (const orgId of [undefined, 'org-1']) {
      const told = await stopped(at, answers, { orgId, access: { maxAttempts: answers.length } });
      expect([outcome(told.result), told.grants, told.slept.length]).toEqual([
        expected,
        grants,
        Math.max(0, at - (answers[0] === WRONG_NONCE ? 2 : 1)),
      ]);
    }
  });

  it('says that nothing was used', async () => {
    expect(failureIn((await stopped(0, [])).result).failure).toMatchObject({
      code: 'cancelled',
      message: 'The run was cancelled before the refresh token was used.',
      remedy: 'Re-run the job.',
    });
  });

  it.each([
    [BUSY, CANCELLED],
    [lost, 'answer-lost unknown'],
  ])('that comes during a wait ends it', async (answer, expected) => {
    const controller = new AbortController();
    const clock = new HeldClock();
    clock.meanwhile = () => controller.abort();
    const { result, left } = await tell({
      answers: [answer, SUCCESS],
      clock,
      access: { stop: controller.signal },
    });
    expect([outcome(result), left]).toEqual([expected, 1]);
  });

  const DURING_HEALING: [string, number, Recipe[], string][] = [
    ['with too many requests', 2, [DEAD, BUSY, SUCCESS], 'token-dead unspent'],
    ['with a lost answer', 2, [DEAD, lost, SUCCESS], 'token-dead unspent'],
    ['while nothing is sent', 2, [DEAD, unreachable, SUCCESS], 'token-dead unspent'],
    ['with a refusal', 2, [DEAD, WRONG_CLIENT, SUCCESS], 'cobo-refused unspent'],
    ['with the answer', 2, [DEAD, SUCCESS], 'healed'],
    ['with an untrusted answer', 2, [DEAD, plain(200, PAIR), SUCCESS], 'answer-untrusted sealed refresh-2'],
    ['with too many requests, after a lost answer', 3, [lost, DEAD, BUSY, SUCCESS], 'answer-lost unknown'],
  ];
  it.each(DURING_HEALING)(
    'that comes during healing, %s, leaves what the refresh said',
    async (_when, at, answers, expected) => {
      expect(outcome((await stopped(at, answers, { orgId: 'org-1' })).result)).toBe(expected);
    },
  );

  it.each([
    [0, [SUCCESS]],
    [1, [BUSY, SUCCESS]],
    [1, [lost, SUCCESS]],
  ])('that comes where there is no refresh token uses none (%i)', async (at, answers) => {
    const { result } = await stopped(at, answers, { refreshToken: undefined, orgId: 'org-1' });
    expect(outcome(result)).toBe(CANCELLED);
  });
});

describe('healing with org_implicit', () => {
  const FOUR_LOST = [lost, lost, lost, lost];
  const FOUR = 'refresh refresh refresh refresh';

  it.each([
    ['there is no refresh token', undefined, [SUCCESS], 'org'],
    ['Cobo says that it is dead', 'refresh-1', [DEAD, SUCCESS], 'refresh org'],
    ['its answer was lost, and then it is dead', 'refresh-1', [lost, DEAD, SUCCESS], 'refresh refresh org'],
    ['every answer was lost', 'refresh-1', [...FOUR_LOST, SUCCESS], `${FOUR} org`],
    [
      'one answer was lost, and then Cobo was not reached',
      'refresh-1',
      [lost, unreachable, unreachable, unreachable, SUCCESS],
      `${FOUR} org`,
    ],
    ['the last answer was a failure within', 'refresh-1', [BROKEN, BROKEN, BROKEN, BROKEN, SUCCESS], `${FOUR} org`],
    ['Cobo asks for a long wait after a lost answer', 'refresh-1', [lost, IN_AN_HOUR, SUCCESS], 'refresh refresh org'],
  ])('obtains a pair where %s', async (_what, refreshToken, answers, expected) => {
    const { result, grants } = await tell({ answers, refreshToken, orgId: 'org-1' });
    expect([outcome(result), grantIn(result).refreshToken, grants]).toEqual(['healed', 'refresh-2', expected]);
  });

  it('is a GET with client and organization in its query, and no body', async () => {
    const { received } = await tell({ answers: [SUCCESS], refreshToken: undefined, orgId: 'org-1' });
    expect(received).toMatchObject([
      {
        method: 'GET',
        url: 'https://cobo.test/v2/oauth/token?client_id=client-1&org_id=org-1&grant_type=org_implicit',
        body: undefined,
      },
    ]);
    expect(received[0]?.headers).not.toHaveProperty('Content-Type');
  });

  // Node's URL escapes an apostrophe in a query by itself; the signature has to cover what is sent.
  it.each(["o'neill", '(a)!~*', '100%', 'a&b=c'])('signs what is sent, for the client ID %s', async (clientId) => {
    const story = { answers: [SUCCESS], refreshToken: undefined, orgId: 'org-1', access: { clientId } };
    expect(outcome((await tell(story)).result)).toBe('healed');
  });

  it.each([
    ['a refresh that works', [SUCCESS]],
    ['a wrong client', [WRONG_CLIENT]],
    ['a firewall', [BLOCKED]],
    ['a refused nonce', [WRONG_NONCE, WRONG_NONCE]],
    ['an unsigned success', [plain(200, PAIR)]],
    ['an unsigned success without a token', [plain(200, PAGE)]],
    ['a wrongly signed success', [signed(stranger, 200, PAIR)]],
    ['a wrongly signed refusal', [signed(stranger, 400, { error: 'invalid_grant' })]],
    ['a lost answer, then one that cannot be trusted', [lost, plain(200, PAGE)]],
    ['a lost answer, then a wrong client', [lost, WRONG_CLIENT]],
    ['an answer that was cut off behind its token', [cutOff(SUCCESS, -1)]],
    ['a host that was never reached', [unreachable, unreachable, unreachable, unreachable]],
    ['too many requests', [BUSY, BUSY, BUSY, BUSY]],
    ['a wait that is too long', [plain(429, '', { 'retry-after': '3600' })]],
  ])('is not used after %s', async (_what, answers) => {
    const { grants, left } = await tell({ answers: [...answers, SUCCESS], orgId: 'org-1' });
    expect([grants, left]).toEqual([answers.map(() => 'refresh').join(' '), 1]);
  });

  it('is out of reach without an organization', async () => {
    expect((await tell({ answers: [DEAD, SUCCESS] })).grants).toBe('refresh');
  });

  it.each([
    [
      'the token is dead',
      [DEAD, SUCCESS],
      'Cobo says that the refresh token is not valid: requesting a fresh pair with org_implicit.',
    ],
    [
      'an answer was lost',
      [...FOUR_LOST, SUCCESS],
      "Cobo's answer was lost: requesting a fresh pair with org_implicit.",
    ],
  ])('says why it is done: %s', async (_what, answers, line) => {
    expect((await tell({ answers, orgId: 'org-1' })).lines.at(-1)).toBe(line);
  });

  it('says nothing when there was no refresh token to begin with', async () => {
    expect((await tell({ answers: [SUCCESS], refreshToken: undefined, orgId: 'org-1' })).lines).toEqual([]);
  });

  it('is tried again as well', async () => {
    const answers = [lost, BUSY, BROKEN, SUCCESS];
    const { result, grants } = await tell({ answers, refreshToken: undefined, orgId: 'org-1' });
    expect([outcome(result), grants]).toEqual(['healed', 'org org org org']);
  });

  it.each([
    ['none', PAIR_WITHOUT_REFRESH],
    ['the dead one', ECHO],
  ])('must bring a refresh token, for there is no old one to keep: %s', async (_what, body) => {
    const { result } = await tell({ answers: [DEAD, signed(cobo, 200, body)], orgId: 'org-1' });
    expect(result).toStrictEqual({
      grant: { refreshToken: undefined, access: undefined, problem: '`refresh_token` is missing' },
      healed: true,
    });
  });

  it('reports what else is malformed first', async () => {
    const answers = [signed(cobo, 200, { ...PAIR_WITHOUT_REFRESH, token_type: 'mac' })];
    const { result } = await tell({ answers, refreshToken: undefined, orgId: 'org-1' });
    expect(grantIn(result)).toMatchObject({ problem: '`token_type` is not `Bearer`', access: undefined });
  });

  it('hands on a refresh token in a malformed answer', async () => {
    const answers = [signed(cobo, 200, { ...PAIR, token_type: 'mac' })];
    const { result } = await tell({ answers, refreshToken: undefined, orgId: 'org-1' });
    expect(grantIn(result)).toMatchObject({
      refreshToken: 'refresh-2',
      problem: '`token_type` is not `Bearer`',
    });
  });

  it.each([
    ['was dead', 'refresh-1', [DEAD, WRONG_CLIENT], 'cobo-refused unspent'],
    ['may be spent', 'refresh-1', [lost, DEAD, WRONG_CLIENT], 'cobo-refused unknown'],
    ['was dead, and this answer is lost', 'refresh-1', [DEAD, ...FOUR_LOST], 'answer-lost unspent'],
    ['may be spent, and this answer is lost', 'refresh-1', [...FOUR_LOST, ...FOUR_LOST], 'answer-lost unknown'],
    ['was dead, and this answer is not signed', 'refresh-1', [DEAD, plain(200, PAGE)], 'answer-untrusted unspent'],
    [
      'was dead, and this answer carries one',
      'refresh-1',
      [DEAD, plain(200, PAIR)],
      'answer-untrusted sealed refresh-2',
    ],
    ['never was', undefined, [DEAD], 'cobo-refused unspent'],
    ['never was, and this answer is lost', undefined, FOUR_LOST, 'answer-lost unspent'],
    ['never was, and two answers are', undefined, [lost, DEAD], 'cobo-refused unspent'],
  ])(
    'that fails leaves it at what is known of the old token: it %s',
    async (_what, refreshToken, answers, expected) => {
      expect(outcome((await tell({ answers, refreshToken, orgId: 'org-1' })).result)).toBe(expected);
    },
  );

  it('takes invalid_grant for a word about the organization, not about the refresh token', async () => {
    const { result } = await tell({ answers: [DEAD, DEAD], orgId: 'org-1' });
    expect(failureIn(result).failure).toMatchObject({
      message: 'Cobo answered `org_implicit` with HTTP 400, invalid_grant: Token is used.',
      remedy: 'Check `org-id`, and that this organization has the app installed.',
    });
  });

  it('asks Cobo even with neither token nor organization, and takes its word', async () => {
    const { result, received } = await tell({ answers: [WRONG_CLIENT], refreshToken: undefined });
    expect(outcome(result)).toBe('cobo-refused unspent');
    expect(received[0]?.url).toContain('org_id=&');
  });
});

describe('an error that nobody expects', () => {
  it.each([
    ['a refresh', 'refresh-1', undefined, []],
    ['a refresh that could be healed', 'refresh-1', 'org-1', []],
    ['org_implicit', undefined, 'org-1', []],
    ['a second attempt', 'refresh-1', 'org-1', [lost]],
  ])('comes out as it is, of %s', async (_what, refreshToken, orgId, before) => {
    const defect = new TypeError('a defect');
    const answers = [...before, () => defect, SUCCESS];
    await expect(tell({ answers, refreshToken, orgId })).rejects.toBe(defect);
  });

  it('comes out before anything is sent where a signature is wrong', async () => {
    const other = readAppSecret('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const mixed = { appSecret: other.appSecret, appKey: keys.appKey };
    const send = vi.spyOn(FakeCobo.prototype, 'send');
    await expect(tell({ answers: [SUCCESS], access: { keys: mixed } })).rejects.toThrow(
      'The signature does not verify.',
    );
    expect(send).not.toHaveBeenCalled();
    send.mockRestore();
    expect(() => signing.rehearseSigning(mixed)).toThrow();
  });
});

describe('any story', () => {
  const CARRYING: [string, Recipe][] = [
    ['unsigned pair', plain(200, PAIR)],
    ['stranger pair', signed(stranger, 201, PAIR)],
    ['cut pair', cutOff(SUCCESS, -1)],
    ['pair with a failure', plain(502, PAIR)],
    ['pair with a refusal', signed(cobo, 400, PAIR)],
  ];
  const LEAVING_OPEN: [string, Recipe][] = [
    ['lost', lost],
    ['cut', cutOff(SUCCESS, 30)],
    ['broken', BROKEN],
    ['502', plain(502, PAGE)],
    ['unsigned', plain(200, PAGE)],
    ['stranger refusal', signed(stranger, 400, { error: 'invalid_grant' })],
    ['redirect', plain(307, '')],
  ];
  const HARMLESS: [string, Recipe][] = [
    ['success', SUCCESS],
    ['success without refresh token', signed(cobo, 200, PAIR_WITHOUT_REFRESH)],
    ['malformed success', signed(cobo, 200, { refresh_token: 'refresh-2' })],
    ['dead', DEAD],
    ['wrong client', WRONG_CLIENT],
    ['wrong nonce', WRONG_NONCE],
    ['busy', BUSY],
    ['blocked', BLOCKED],
    ['unreachable', unreachable],
  ];
  const ALL = [...CARRYING, ...LEAVING_OPEN, ...HARMLESS];
  const names = (recipes: [string, Recipe][]) => recipes.map(([name]) => name);

  it('is honest about the token, and never sends it again once an answer has carried another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names(ALL)), { minLength: 10, maxLength: 10 }),
        fc.constantFrom('refresh-1', undefined),
        fc.constantFrom('org-1', undefined),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 9 }),
        fc.boolean(),
        async (plan, refreshToken, orgId, maxAttempts, stopAt, doubtful) => {
          const controller = new AbortController();
          const recipes = plan.map((name, index) => (nonce: number): HttpAnswer | Error => {
            if (index === stopAt) controller.abort();
            return ALL.find(([known]) => known === name)?.[1](nonce) ?? new Error(name);
          });
          const access = { maxAttempts, stop: controller.signal };
          const story = { answers: recipes, refreshToken, orgId, doubtful, access };
          const { result, grants, lines } = await tell(story);
          const asked = grants === '' ? [] : grants.split(' ');
          const answered = plan.slice(0, asked.length);
          const ofRefresh = answered.filter((_name, index) => asked[index] === 'refresh');

          expect(ofRefresh.length).toBeLessThanOrEqual(maxAttempts);
          expect(asked.length - ofRefresh.length).toBeLessThanOrEqual(maxAttempts);
          expect(asked.length).toBeLessThanOrEqual(stopAt + 1);
          // Only the last answer can carry a token or be a success.
          for (const name of answered.slice(0, -1)) {
            expect(names(CARRYING)).not.toContain(name);
            expect(name).not.toContain('success');
          }
          if ('failure' in result) {
            const { failure, token, carried } = result;
            expect(token === 'sealed').toBe(names(CARRYING).includes(answered.at(-1) ?? ''));
            expect(carried).toBe(token === 'sealed' ? 'refresh-2' : undefined);
            if (token !== 'sealed') {
              const isOpen = ofRefresh.some((name) => names(LEAVING_OPEN).includes(name));
              expect(token).toBe(isOpen || doubtful ? 'unknown' : 'unspent');
            }
            const text = `${failure.message} ${failure.remedy} ${failure.stack} ${lines}`;
            expect(text).not.toMatch(/refresh-[12]|access-2/);
            if (failure.code === 'token-dead') expect(ofRefresh.at(-1)).toBe('dead');
          } else {
            expect(answered.at(-1)).toContain('success');
            expect(result.healed).toBe(asked.at(-1) === 'org');
          }
        },
      ),
      RUNS,
    );
  });

  it('can be told of a connection that ends in any way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.option(fc.uint8Array({ maxLength: 200 })),
        fc.integer({ min: 200, max: 599 }),
        async (sent, bytes, status) => {
          const partial = bytes === null ? undefined : { status, headers: {}, body: Buffer.from(bytes) };
          const error = new TransportError('it broke', sent || partial !== undefined, { partial });
          const { result } = await tell({ answers: [() => error], access: { maxAttempts: 1 } });
          const isRefused = partial !== undefined && status >= 400 && status < 500;
          expect(failureIn(result).token).toBe(error.sent && !isRefused ? 'unknown' : 'unspent');
        },
      ),
      RUNS,
    );
  });
});
