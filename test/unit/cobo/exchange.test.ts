import { describe, expect, it } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { type CoboAccess, ExchangeFailure, exchange, signFirst } from '../../../src/cobo/exchange.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import {
  FakeClock,
  FakeCobo,
  lost,
  newSigner,
  type Received,
  signed,
  unreachable,
  unsigned,
} from './fake-cobo.ts';

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
const SUCCESS = signed(cobo, 200, PAIR);
const DEAD = signed(cobo, 400, { error: 'invalid_grant', error_description: 'Token is used.' });
const WRONG_CLIENT = signed(cobo, 401, { error: 'invalid_client' });
const BROKEN = signed(cobo, 500, { error_code: 1000, error_id: 'e-1' });
const BUSY = unsigned(429, '<html>');

const GRANT = {
  refreshToken: 'refresh-2',
  access: { accessToken: 'access-2', tokenType: 'Bearer', scope: '', expiresIn: 43199 },
  problem: undefined,
};

interface Story {
  /** What Cobo answers, one after the other. */
  answers: (HttpAnswer | Error)[];
  refreshToken?: string | undefined;
  orgId?: string;
  access?: Partial<CoboAccess>;
  clock?: FakeClock;
  /** How long before the exchange its first attempt is signed; not at all when left out. */
  signedAheadMs?: number;
}

/** Everything that can be seen of one exchange. */
async function tell({ answers, orgId, access = {}, clock = new FakeClock(), signedAheadMs, ...rest }: Story) {
  const http = new FakeCobo(keys.appKey, answers);
  const lines: string[] = [];
  const refreshToken = 'refreshToken' in rest ? rest.refreshToken : 'refresh-1';
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
    ...access,
  };
  const first =
    signedAheadMs === undefined || refreshToken === undefined
      ? undefined
      : signFirst(everything, refreshToken);
  clock.time += signedAheadMs ?? 0;
  const settled = await exchange(everything, refreshToken, orgId, first).then(
    (grant) => ({ grant, error: undefined }),
    (error: unknown) => ({ grant: undefined, error }),
  );
  const { received, left } = http;
  return { ...settled, first, received, left, lines, slept: clock.slept, grants: received.map(grantOf) };
}

/** Which grant a request asks for. */
function grantOf({ method, url, body }: Received): unknown {
  return method === 'GET' ? new URL(url).searchParams.get('grant_type') : JSON.parse(body ?? '{}').grant_type;
}

/** The failure of an exchange that must have failed. */
function failureOf({ error }: { error: unknown }): ExchangeFailure {
  if (error instanceof ExchangeFailure) return error;
  throw new Error('it did not fail as expected', { cause: error });
}

describe('a refresh that succeeds', () => {
  it('gives the new pair', async () => {
    expect((await tell({ answers: [SUCCESS] })).grant).toEqual({ ...GRANT, healed: false });
  });

  it('is one POST with the token in its body', async () => {
    const { received } = await tell({ answers: [SUCCESS] });
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: 'https://cobo.test/v2/oauth/token',
        body: '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"refresh-1"}',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      },
    ]);
  });

  it('needs no wait and says nothing', async () => {
    expect(await tell({ answers: [SUCCESS] })).toMatchObject({ slept: [], lines: [] });
  });

  it.each([200, 201, 299])('may have the status %i', async (status) => {
    expect((await tell({ answers: [signed(cobo, status, PAIR)] })).grant).toMatchObject(GRANT);
  });

  it('may come without a new refresh token', async () => {
    const { grant } = await tell({ answers: [signed(cobo, 200, PAIR_WITHOUT_REFRESH)] });
    expect(grant).toEqual({ ...GRANT, refreshToken: undefined, healed: false });
  });

  it('hands the refresh token on even when the rest is malformed', async () => {
    const { grant } = await tell({ answers: [signed(cobo, 200, { ...PAIR, expires_in: 'soon' })] });
    expect(grant).toEqual({
      refreshToken: 'refresh-2',
      access: undefined,
      problem: '`expires_in` is not a whole number of seconds above 0',
      healed: false,
    });
  });

  it.each([
    ['a token of other scripts', 'é漢🔑"\\%|'],
    ['a token with half of a surrogate pair', 'a\ud800b'],
  ])('signs what is sent, for %s', async (_what, refreshToken) => {
    expect((await tell({ answers: [SUCCESS], refreshToken })).grant).toMatchObject(GRANT);
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

  it('hands the options of the connection on, with a limit for the size', async () => {
    const onDone = () => undefined;
    const { received } = await tell({
      answers: [SUCCESS],
      access: { httpOptions: { timeoutMs: 1234, onDone } },
    });
    expect(received[0]?.options).toEqual({ timeoutMs: 1234, onDone, maxBytes: 128 * 1024 });
  });
});

describe('retries', () => {
  it.each([
    ['an answer that was lost', lost()],
    ['a host that was not reached', unreachable()],
    ['too many requests, said by a proxy', BUSY],
    ['too many requests, said by Cobo', signed(cobo, 429, { error_code: 2026 })],
    ['a signed failure within', BROKEN],
    ['an unsigned failure within', unsigned(502, '<html>')],
  ])('follow %s', async (_what, answer) => {
    const { grant, received } = await tell({ answers: [answer, SUCCESS] });
    expect({ grant, requests: received.length }).toEqual({ grant: { ...GRANT, healed: false }, requests: 2 });
  });

  it.each([
    ['a wrong client', WRONG_CLIENT],
    ['a dead token', DEAD],
    ['an unsigned refusal', unsigned(403, '<html>')],
    ['a redirect', unsigned(302, '', { location: 'https://cobo.test/v3' })],
    ['an unsigned success', unsigned(200, PAIR)],
    ['a wrongly signed success', signed(stranger, 200, PAIR)],
    ['a wrongly signed failure within', signed(stranger, 500, {})],
  ])('do not follow %s', async (_what, answer) => {
    expect((await tell({ answers: [answer, SUCCESS] })).received).toHaveLength(1);
  });

  it('end after as many attempts as are allowed', async () => {
    const { received, left } = await tell({
      answers: [BROKEN, BROKEN, BROKEN, SUCCESS],
      access: { maxAttempts: 3 },
    });
    expect({ requests: received.length, left }).toEqual({ requests: 3, left: 1 });
  });

  it('have a nonce and a signature of their own', async () => {
    const { received } = await tell({ answers: [lost(), unreachable(), BUSY, SUCCESS] });
    expect(new Set(received.map(({ nonce }) => nonce)).size).toBe(4);
    expect(new Set(received.map(({ signature }) => signature)).size).toBe(4);
  });

  it('send the same body each time', async () => {
    const { received } = await tell({ answers: [lost(), BUSY, SUCCESS] });
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  it('wait longer each time when nobody says how long', async () => {
    expect((await tell({ answers: [BUSY, BUSY, BUSY, SUCCESS] })).slept).toEqual([375, 750, 1500]);
  });

  it('wait as Retry-After says in seconds', async () => {
    const wait = unsigned(503, '', { 'retry-after': '41' });
    expect((await tell({ answers: [wait, SUCCESS] })).slept).toEqual([41_000]);
  });

  it("wait as Retry-After says by a date of Cobo's clock, where the runner's is off", async () => {
    const headers = { date: 'Sat, 01 Aug 2026 00:00:00 GMT', 'retry-after': 'Sat, 01 Aug 2026 00:01:00 GMT' };
    const clock = new FakeClock(Date.UTC(2026, 6, 31));
    expect((await tell({ answers: [unsigned(503, '', headers), SUCCESS], clock })).slept).toEqual([60_000]);
  });

  it('wait as Retry-After says by a date', async () => {
    const wait = unsigned(503, '', { 'retry-after': 'Sat, 01 Aug 2026 00:01:00 GMT' });
    const { slept } = await tell({ answers: [wait, SUCCESS], clock: new FakeClock(Date.UTC(2026, 7, 1)) });
    expect(slept).toEqual([60_000]);
  });

  it('wait five minutes when asked to', async () => {
    const wait = unsigned(429, '', { 'retry-after': '300' });
    expect((await tell({ answers: [wait, SUCCESS] })).slept).toEqual([300_000]);
  });

  it('do not follow when a longer wait is asked for', async () => {
    const wait = unsigned(429, '', { 'retry-after': '301' });
    const told = await tell({ answers: [wait, SUCCESS] });
    expect(failureOf(told)).toMatchObject({ maybeSpent: false, failure: { code: 'cobo-unavailable' } });
    expect(told).toMatchObject({ slept: [], left: 1 });
  });

  it('are told, with the reason and the wait', async () => {
    const wait = unsigned(503, '', { 'retry-after': '41' });
    expect((await tell({ answers: [wait, SUCCESS] })).lines).toEqual([
      "Attempt 1 at Cobo failed: Cobo's address answered HTTP 503 (not signed, so from a proxy or firewall in front of it). Trying again in 41 s.",
    ]);
  });

  it('are told without a secret', async () => {
    const told = await tell({ answers: [lost(), unreachable(), BROKEN, BUSY] });
    expect(`${told.lines} ${failureOf(told).message}`).not.toContain('refresh-1');
  });
});

describe('the nonce', () => {
  it('is the time in milliseconds', async () => {
    const { received } = await tell({ answers: [SUCCESS], clock: new FakeClock(Date.UTC(2040, 0, 1)) });
    expect(received[0]?.nonce).toBe(String(Date.UTC(2040, 0, 1)));
  });

  it('rises by one where two attempts fall into the same millisecond', async () => {
    const again = unsigned(503, '', { 'retry-after': '0' });
    const { received } = await tell({
      answers: [again, SUCCESS],
      clock: new FakeClock(Date.UTC(2041, 0, 1)),
    });
    const first = Date.UTC(2041, 0, 1);
    expect(received.map(({ nonce }) => Number(nonce))).toEqual([first, first + 1]);
  });

  it('rises even when the clock is set back', async () => {
    const before = await tell({ answers: [SUCCESS], clock: new FakeClock(Date.UTC(2042, 0, 1)) });
    const after = await tell({ answers: [SUCCESS], clock: new FakeClock(Date.UTC(2020, 0, 1)) });
    expect(Number(after.received[0]?.nonce)).toBeGreaterThan(Number(before.received[0]?.nonce));
  });
});

describe('a first attempt that was signed ahead of time', () => {
  it('is sent as it was signed', async () => {
    const { first, received, grant } = await tell({ answers: [SUCCESS], signedAheadMs: 4999 });
    expect(grant).toEqual({ ...GRANT, healed: false });
    expect(received).toMatchObject([{ headers: first?.headers, body: first?.operation.body }]);
  });

  it('is the same request as one that was not', async () => {
    const [ahead, now] = [
      await tell({ answers: [SUCCESS], signedAheadMs: 0 }),
      await tell({ answers: [SUCCESS] }),
    ];
    const withoutSignature = ({ received }: typeof ahead) =>
      received.map(({ method, url, body, headers }) => ({ method, url, body, names: Object.keys(headers) }));
    expect(withoutSignature(ahead)).toEqual(withoutSignature(now));
  });

  it('is signed afresh when it is five seconds old, for its nonce is a time', async () => {
    const clock = new FakeClock(Date.UTC(2043, 0, 1));
    const { received } = await tell({ answers: [SUCCESS], signedAheadMs: 5000, clock });
    expect(received.map(({ nonce }) => Number(nonce))).toEqual([Date.UTC(2043, 0, 1) + 5000]);
  });

  it('is sent once: a retry has a nonce and a signature of its own', async () => {
    const again = unsigned(503, '', { 'retry-after': '0' });
    const { grant, received } = await tell({ answers: [again, SUCCESS], signedAheadMs: 0 });
    expect({ healed: grant?.healed, nonces: new Set(received.map(({ nonce }) => nonce)).size }).toEqual({
      healed: false,
      nonces: 2,
    });
  });

  it('has nothing to do with org_implicit', async () => {
    const { grants, received } = await tell({ answers: [DEAD, SUCCESS], orgId: 'org-1', signedAheadMs: 0 });
    expect({ grants, nonces: new Set(received.map(({ nonce }) => nonce)).size }).toEqual({
      grants: ['refresh_token', 'org_implicit'],
      nonces: 2,
    });
  });

  it('spends nothing by itself', async () => {
    const told = await tell({ answers: [unreachable()], access: { maxAttempts: 1 }, signedAheadMs: 0 });
    expect(failureOf(told).maybeSpent).toBe(false);
  });
});

describe('whether the refresh token may be spent', () => {
  it.each([
    ['a wrong client', [WRONG_CLIENT], 'cobo-refused', false],
    ['a dead token', [DEAD], 'token-dead', false],
    ['a host that was never reached', [unreachable(), unreachable()], 'cobo-unavailable', false],
    ['too many requests', [BUSY, BUSY], 'cobo-unavailable', false],
    ['a lost answer', [lost(), lost()], 'answer-lost', true],
    ['a lost answer, then a host that is not reached', [lost(), unreachable()], 'cobo-unavailable', true],
    ['a lost answer, then a dead token', [lost(), DEAD], 'token-dead', true],
    ['a lost answer, then too many requests', [lost(), BUSY], 'cobo-unavailable', true],
    ['a lost answer, then a wrong client', [lost(), WRONG_CLIENT], 'cobo-refused', true],
    ['a host that is not reached, then a lost answer', [unreachable(), lost()], 'answer-lost', true],
    ['a host that is not reached, then a dead token', [unreachable(), DEAD], 'token-dead', false],
    ['a signed failure within', [BROKEN, BROKEN], 'cobo-unavailable', true],
    ['an unsigned failure within', [unsigned(502, ''), unsigned(503, '')], 'cobo-unavailable', true],
    ['an unsigned refusal', [unsigned(403, '<html>')], 'cobo-refused', true],
    [
      'an unsigned word that the token is dead',
      [unsigned(400, { error: 'invalid_grant' })],
      'cobo-refused',
      true,
    ],
    ['an unsigned success', [unsigned(200, PAIR)], 'answer-untrusted', true],
    ['a wrongly signed success', [signed(stranger, 200, PAIR)], 'answer-untrusted', true],
    [
      'a wrongly signed refusal',
      [signed(stranger, 400, { error: 'invalid_grant' })],
      'answer-untrusted',
      true,
    ],
  ])('after %s', async (_what, answers, code, maybeSpent) => {
    const told = await tell({ answers, access: { maxAttempts: 2 } });
    const { failure, ...rest } = failureOf(told);
    expect({ code: failure.code, maybeSpent: rest.maybeSpent }).toEqual({ code, maybeSpent });
  });

  it('explains itself by the last failure', async () => {
    const { failure, message, cause } = failureOf(await tell({ answers: [lost(), DEAD] }));
    expect({ message, cause }).toEqual({
      message: 'Cobo answered HTTP 400, invalid_grant: Token is used.',
      cause: failure,
    });
  });

  it.each([
    ['lost', lost(), 'The request to Cobo was sent, but no answer arrived: the connection was cut.'],
    ['never sent', unreachable(), 'Cobo cannot be reached: the connection was refused.'],
  ])('says why when a request was %s', async (_what, answer, message) => {
    expect(failureOf(await tell({ answers: [answer], access: { maxAttempts: 1 } })).message).toBe(message);
  });
});

describe('an answer that cannot be trusted', () => {
  it.each([
    ['without a signature', unsigned(200, PAIR), "Cobo's answer carries no signature."],
    [
      'with the signature of somebody else',
      signed(stranger, 200, PAIR),
      "The signature on Cobo's answer is wrong for the key of this environment.",
    ],
    [
      'changed on the way',
      { ...SUCCESS, body: Buffer.from(JSON.stringify({ ...PAIR, expires_in: 1 })) },
      "The signature on Cobo's answer is wrong for the key of this environment.",
    ],
  ])('%s is refused', async (_what, answer, message) => {
    expect(failureOf(await tell({ answers: [answer] })).message).toBe(message);
  });

  it('brings the refresh token that it carried, which may be the only successor', async () => {
    const { failure } = failureOf(await tell({ answers: [unsigned(200, PAIR)] }));
    expect(failure.facts.carried).toBe('refresh-2');
  });

  it.each([
    ['it carried none', unsigned(200, PAIR_WITHOUT_REFRESH)],
    ['it is a web page', unsigned(200, '<html>')],
    ['it is a refusal', signed(stranger, 400, PAIR)],
  ])('brings no refresh token when %s', async (_what, answer) => {
    expect(failureOf(await tell({ answers: [answer] })).failure.facts).not.toHaveProperty('carried');
  });

  it('does not show what it carried', async () => {
    const { message, failure } = failureOf(await tell({ answers: [unsigned(200, PAIR)] }));
    expect(`${message} ${failure.remedy}`).not.toMatch(/refresh-2|access-2/);
  });
});

describe('healing with org_implicit', () => {
  it.each([
    ['there is no refresh token', undefined, [SUCCESS], ['org_implicit']],
    ['Cobo says that it is dead', 'refresh-1', [DEAD, SUCCESS], ['refresh_token', 'org_implicit']],
    [
      'its answer was lost, and then it is dead',
      'refresh-1',
      [lost(), DEAD, SUCCESS],
      ['refresh_token', 'refresh_token', 'org_implicit'],
    ],
    [
      'every answer was lost',
      'refresh-1',
      [lost(), lost(), lost(), lost(), SUCCESS],
      ['refresh_token', 'refresh_token', 'refresh_token', 'refresh_token', 'org_implicit'],
    ],
    [
      'one answer was lost, and then Cobo was not reached',
      'refresh-1',
      [lost(), unreachable(), unreachable(), unreachable(), SUCCESS],
      ['refresh_token', 'refresh_token', 'refresh_token', 'refresh_token', 'org_implicit'],
    ],
    [
      'the last answer was a failure within',
      'refresh-1',
      [BROKEN, BROKEN, BROKEN, BROKEN, SUCCESS],
      ['refresh_token', 'refresh_token', 'refresh_token', 'refresh_token', 'org_implicit'],
    ],
  ])('obtains a pair where %s', async (_what, refreshToken, answers, grants) => {
    const told = await tell({ answers, refreshToken, orgId: 'org-1' });
    expect({ grant: told.grant, grants: told.grants }).toEqual({ grant: { ...GRANT, healed: true }, grants });
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
  it.each(["o'neill", '(a)!~*', '100%', 'a&b=c'])(
    'signs what is sent, for the client ID %s',
    async (clientId) => {
      const { grant } = await tell({
        answers: [SUCCESS],
        refreshToken: undefined,
        orgId: 'org-1',
        access: { clientId },
      });
      expect(grant).toEqual({ ...GRANT, healed: true });
    },
  );

  it('is not used while the refresh token works', async () => {
    expect((await tell({ answers: [SUCCESS], orgId: 'org-1' })).grants).toEqual(['refresh_token']);
  });

  it.each([
    ['a wrong client', [WRONG_CLIENT]],
    ['an unsigned success', [unsigned(200, PAIR)]],
    ['a wrongly signed success', [signed(stranger, 200, PAIR)]],
    ['a wrongly signed refusal', [signed(stranger, 400, { error: 'invalid_grant' })]],
    ['a lost answer, then one that cannot be trusted', [lost(), unsigned(200, PAIR)]],
    ['a host that was never reached', [unreachable(), unreachable(), unreachable(), unreachable()]],
    ['too many requests', [BUSY, BUSY, BUSY, BUSY]],
    ['a wait beyond all patience', [unsigned(429, '', { 'retry-after': '3600' })]],
  ])('does not paper over %s', async (_what, answers) => {
    const told = await tell({ answers: [...answers, SUCCESS], orgId: 'org-1' });
    expect(told.grants).toEqual(answers.map(() => 'refresh_token'));
    expect(failureOf(told)).toBeInstanceOf(ExchangeFailure);
  });

  it('is out of reach without an organization', async () => {
    expect((await tell({ answers: [DEAD, SUCCESS] })).grants).toEqual(['refresh_token']);
  });

  it.each([
    [
      'the token is dead',
      [DEAD, SUCCESS],
      'Cobo says that the refresh token is dead: asking for a fresh pair with org_implicit.',
    ],
    [
      'an answer was lost',
      [lost(), lost(), lost(), lost(), SUCCESS],
      'The refresh token may be spent, its answer is lost: asking for a fresh pair with org_implicit.',
    ],
  ])('says why it is done: %s', async (_what, answers, line) => {
    expect((await tell({ answers, orgId: 'org-1' })).lines.at(-1)).toBe(line);
  });

  it('says nothing when there was no refresh token to begin with', async () => {
    expect((await tell({ answers: [SUCCESS], refreshToken: undefined, orgId: 'org-1' })).lines).toEqual([]);
  });

  it('is tried again as well', async () => {
    const { grant, grants } = await tell({
      answers: [lost(), BUSY, BROKEN, SUCCESS],
      refreshToken: undefined,
      orgId: 'org-1',
    });
    expect({ healed: grant?.healed, attempts: grants.length }).toEqual({ healed: true, attempts: 4 });
  });

  it('must bring a refresh token, for there is no old one to keep', async () => {
    const { grant } = await tell({
      answers: [signed(cobo, 200, PAIR_WITHOUT_REFRESH)],
      refreshToken: undefined,
      orgId: 'org-1',
    });
    expect(grant).toEqual({
      refreshToken: undefined,
      access: undefined,
      problem: '`refresh_token` is missing',
      healed: true,
    });
  });

  it('reports the worse problem when the access token is malformed as well', async () => {
    const { grant } = await tell({
      answers: [signed(cobo, 200, { ...PAIR_WITHOUT_REFRESH, token_type: 'mac' })],
      refreshToken: undefined,
      orgId: 'org-1',
    });
    expect(grant).toMatchObject({ problem: '`token_type` is not `Bearer`', access: undefined });
  });

  it.each([
    ['was dead', [DEAD, WRONG_CLIENT], false],
    ['may be spent', [lost(), DEAD, WRONG_CLIENT], true],
    ['was dead, and the answer to org_implicit is lost', [DEAD, lost(), lost(), lost(), lost()], false],
  ])('that fails leaves it at what is known of the old token: it %s', async (_what, answers, maybeSpent) => {
    expect(failureOf(await tell({ answers, orgId: 'org-1' })).maybeSpent).toBe(maybeSpent);
  });

  it('that fails explains itself by its own failure', async () => {
    const { failure } = failureOf(await tell({ answers: [DEAD, WRONG_CLIENT], orgId: 'org-1' }));
    expect(failure.code).toBe('cobo-refused');
  });

  it('takes invalid_grant for a word about the organization, not about the refresh token', async () => {
    const { failure, maybeSpent } = failureOf(
      await tell({ answers: [DEAD], refreshToken: undefined, orgId: 'org-1' }),
    );
    expect({ failure, maybeSpent }).toMatchObject({
      failure: {
        code: 'cobo-refused',
        message: 'Cobo answered HTTP 400, invalid_grant: Token is used.',
        remedy: 'Check `org-id`, and that this organization has the app installed.',
        facts: { effect: 'none' },
      },
      maybeSpent: false,
    });
  });

  it('refuses an answer that cannot be trusted, and brings the token that it carried', async () => {
    const { failure } = failureOf(
      await tell({ answers: [unsigned(200, PAIR)], refreshToken: undefined, orgId: 'org-1' }),
    );
    expect(failure).toMatchObject({ code: 'answer-untrusted', facts: { carried: 'refresh-2' } });
  });

  it('asks Cobo even with neither token nor organization, and takes its word', async () => {
    const told = await tell({ answers: [WRONG_CLIENT], refreshToken: undefined });
    expect(failureOf(told).failure.code).toBe('cobo-refused');
  });
});

describe('an error that nobody expects', () => {
  it.each([
    ['a refresh', 'refresh-1', undefined],
    ['a refresh that could be healed', 'refresh-1', 'org-1'],
    ['org_implicit', undefined, 'org-1'],
  ])('comes out as it is, of %s', async (_what, refreshToken, orgId) => {
    const defect = new TypeError('a defect');
    const told = await tell({
      answers: [defect, SUCCESS],
      refreshToken,
      ...(orgId === undefined ? {} : { orgId }),
    });
    expect(told).toMatchObject({ error: defect, left: 1 });
  });
});
