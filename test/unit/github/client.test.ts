import { describe, expect, it } from 'vitest';
import { type Call, GitHub, type GitHubAccess, type Manner } from '../../../src/github/client.ts';
import type { GitHubFailure } from '../../../src/github/failure.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { NOON } from '../../support/clock.ts';
import { API, answer, cut, hanging, type Step, seconds, settle, TOKEN, unreachable, world } from './support.ts';

const OK = answer(200, { ok: true });
const LIMITED = answer(403, { message: 'You have exceeded a secondary rate limit' });
const PURPOSE = { doing: 'Reading a thing', permission: '"Things: read"' };
const many = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value);

/** A client whose requests are answered with these, one after the other. */
function scripted(steps: Step[], changes: Partial<GitHubAccess> = {}) {
  const given = world(changes);
  given.http.on(/./, ...steps);
  return { ...given, github: new GitHub(given.access) };
}

function get(manner: Manner = 'read', changes: Partial<Call> = {}): Call {
  return { ...PURPOSE, method: 'GET', path: '/thing', expect: [200], manner, ...changes };
}

function put(manner: Manner, changes: Partial<Call> = {}): Call {
  return get(manner, { method: 'PUT', expect: [201, 204], body: async () => ({ a: 1 }), ...changes });
}

/** A client that was told to wait for a minute. */
async function paused(steps: Step[] = [], limited = LIMITED) {
  const given = scripted([limited, ...steps], { maxAttempts: 1 });
  await given.github.call(get()).catch(() => undefined);
  return given;
}

describe('a request', () => {
  it('carries the headers that GitHub asks for, the token and the limits of the run', async () => {
    const onDone = () => undefined;
    const { cancellation, github, http } = scripted([OK], { httpOptions: { timeoutMs: 7_000, onDone } });
    await github.call(get());
    const { request, options } = http.sent[0] ?? {};
    const names = { 'User-Agent': 'cobo-refresh-action', Authorization: `Bearer ${TOKEN}` };
    const headers = { ...names, Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' };
    expect(request).toEqual({ method: 'GET', url: new URL(`${API}/thing`), headers });
    const limits = { timeoutMs: 7_000, maxBytes: 16_777_216, signal: cancellation.stop };
    expect(options).toEqual({ ...limits, onDone, newConnection: false });
  });

  it('goes below the path of an Enterprise Server, and says that its body is JSON', async () => {
    const { github, http } = scripted([answer(204, '<html>')], { apiUrl: 'https://ghe.test:8443/api/v3' });
    const call = put('extra', { path: '/a%2Fb?page=2', body: async () => ({ name: 'é', list: [1] }) });
    await expect(github.call(call)).resolves.toEqual({ status: 204, json: undefined, maybeDone: false });
    expect(http.sent[0]?.request).toMatchObject({
      url: new URL('https://ghe.test:8443/api/v3/a%2Fb?page=2'),
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"é","list":[1]}',
    });
  });

  it('fails where no answer arrives', async () => {
    const lost = cut();
    const message = 'Reading a thing failed: the connection was cut.';
    const failure = { message, code: 'github-unavailable', status: undefined, stopped: false, cause: lost };
    await expect(scripted([lost], { maxAttempts: 1 }).github.call(get())).rejects.toMatchObject(failure);
  });

  it('does not hide a defect of the action', async () => {
    const defect = new TypeError('not a function');
    const { github, http } = scripted([defect]);
    await expect(github.call(get())).rejects.toBe(defect);
    expect(http.sent).toHaveLength(1);
  });

  it('has nine others beside it at most, and where it has to wait for a place it heeds a pause too', async () => {
    const limited = answer(429, '', { 'retry-after': '30' });
    const { clock, github, http } = scripted([limited, ...many(11, OK)], { maxAttempts: 1 });
    await Promise.allSettled(many(12, 0).map(() => github.call(get())));
    expect(http.sent.map(({ at }) => at - NOON)).toEqual([...many(10, 0), 30_000, 30_000]);
    expect(clock.waits).toEqual([30_000, 30_000]);
  });
});

describe('a request is sent again', () => {
  it('with growing waits that the log tells, on a new connection where there was no answer', async () => {
    const refused = answer(502, { message: 'Bad\n::error::' });
    const { clock, github, http, log } = scripted([cut(), refused, unreachable(), OK]);
    await github.call(get('read', { path: '/repos/o/r?x=1' }));
    expect(http.sent.map(({ options }) => options.newConnection)).toEqual([false, true, false, true]);
    expect(clock.waits).toEqual([375, 750, 1500]);
    expect(log.lines).toEqual([
      'Attempt 1 at GitHub (GET /repos/o/r?x=1) failed: the connection was cut. Trying again in 0.4 s.',
      'Attempt 2 at GitHub (GET /repos/o/r?x=1) failed: GitHub returned HTTP 502, "Bad : :error: :". Trying again in 0.8 s.',
      'Attempt 3 at GitHub (GET /repos/o/r?x=1) failed: the connection was refused. Trying again in 1.5 s.',
    ]);
  });

  it.each<[Call, number[], number, number[]]>([
    [put('record'), [422, 422, 422], 2, []],
    [put('keep'), [422, 422, 422, 422], 4, [750, 1500]],
    [get(), [422], 1, []],
  ])('at once after the first 422 to a PUT: %#', async (call, statuses, requests, waits) => {
    const told: (number | undefined)[] = [];
    const { clock, github, http } = scripted(statuses.map((status) => answer(status)));
    const body = async (last: GitHubFailure | undefined) => ({ known: told.push(last?.status) });
    await github.call({ ...call, body }).catch(() => undefined);
    expect([http.sent.length, clock.waits]).toEqual([requests, waits]);
    expect(told).toEqual([undefined, ...statuses].slice(0, requests));
  });

  it('with other calls that its body needs, which have attempts of their own', async () => {
    const { github, http } = scripted([answer(503), answer(404), OK, answer(204)], { maxAttempts: 2 });
    const body = async () => ({ ...(await github.call(get('read', { path: '/other' }))) });
    await expect(github.call(put('keep', { body }))).resolves.toMatchObject({ status: 204 });
    expect(http.lines).toEqual([...many(3, 'GET /other'), 'PUT /thing']);
  });
});

it.each<[string, Step[], boolean, boolean?]>([
  ['success', [answer(204)], false],
  ['a lost answer, then success', [cut(), answer(204)], true],
  ['no connection, then success', [unreachable(), answer(204)], false],
  ['a lost answer, then 404', [cut(), answer(404)], true],
  ['a lost answer in the end', [unreachable(), unreachable(), unreachable(), cut()], true],
  // Another call, which the next body needs, fails.
  ['a lost answer, and no body', [cut(), answer(404)], true, true],
  ['a refusal, and no body, because that answer was lost', [answer(422), cut()], false, true],
])('what may be done although its answer was lost is told after %s', async (_what, steps, maybeDone, isNested) => {
  const { github } = scripted(steps);
  const other = get('sweep', { path: '/other' });
  const body = async (last: GitHubFailure | undefined) => (last && isNested ? github.call(other) : {});
  const ended = await github.call(put('record', { body })).catch((error: unknown) => error);
  expect(ended).toMatchObject({ maybeDone });
});

describe('a repository that has moved', () => {
  const location = { location: 'https://api.github.test/repositories/42/actions/secrets' };
  const moved = answer(307, { message: 'Temporary Redirect' }, location);
  const named = (name: unknown) => answer(200, { full_name: name });
  const found = named('new/name');

  it.each<[string, Manner, Step[], string, number]>([
    ['with its new name', 'record', [moved, found], ', the repository is now `new/name`', 2],
    ['without a name, where it has none', 'record', [moved, named(5)], '', 2],
    ['without a name that could break the log', 'record', [moved, named('x\n::error::y/z')], '', 2],
    ['without a name, where nobody reads it', 'sweep', [moved, found], '', 1],
  ])('is told %s', async (_what, manner, steps, more, requests) => {
    const { github, http } = scripted(steps);
    const reason = `GitHub returned HTTP 307, "Temporary Redirect"${more}`;
    const failure = { code: 'store-missing', status: 307, reason, maybeDone: false };
    await expect(github.call(put(manner))).rejects.toMatchObject(failure);
    expect(http.lines).toEqual(['PUT /thing', 'GET /repositories/42'].slice(0, requests));
  });

  it.each([
    ['after a lost answer', false],
    ['where the call was made for the body of another', true],
  ])('is told once, %s', async (_what, isNested) => {
    const { github } = scripted([cut(), moved, found, found], { maxAttempts: 2 });
    const body = async (last: GitHubFailure | undefined) => (last && isNested ? github.call(get()) : {});
    const reason = 'GitHub returned HTTP 307, "Temporary Redirect", the repository is now `new/name`';
    await expect(github.call(put('record', { body }))).rejects.toMatchObject({ reason, maybeDone: true });
  });
});

it.each<[Manner, number[], number[]]>([
  // Attempts in an outage, when refused, when the run stops before it begins and in the first wait; then the pause.
  ['read', [4, 1, 0, 1], [50_000]],
  ['record', [4, 1, 0, 1], [50_000]],
  ['keep', [4, 4, 4, 4], []],
  ['extra', [4, 1, 1, 1], [50_000]],
  ['tidy', [4, 1, 1, 1], [50_000]],
  ['sweep', [1, 1, 0, 1], []],
])('a call in the manner of %s has %j attempts, and waits %j for a pause to end', async (manner, attempts, pause) => {
  const made = async (status: number, stopped?: 'before' | 'waiting') => {
    const { clock, github, http, cancel } = scripted(many(4, answer(status)));
    if (stopped === 'before') cancel();
    if (stopped === 'waiting') clock.meanwhile = cancel;
    const error = await github.call(put(manner)).catch((thrown: unknown) => thrown);
    const isUnsent = http.sent.length === 0;
    const reason = isUnsent ? 'the run stopped first' : `GitHub returned HTTP ${status}`;
    expect(error).toMatchObject({ reason, stopped: isUnsent });
    return http.sent.length;
  };
  expect([await made(503), await made(404), await made(503, 'before'), await made(503, 'waiting')]).toEqual(attempts);
  const { clock, github } = await paused([OK]);
  clock.skip(10_000);
  await github.call(get(manner)).catch(() => undefined);
  expect(clock.waits).toEqual(pause);
});

describe('a pause that GitHub asked for', () => {
  it('is no time for what a run can do without', async () => {
    const { clock, github, http } = await paused([OK]);
    const failure = { reason: 'GitHub asked for a pause', code: 'github-unavailable' };
    await expect(github.call(get('sweep'))).rejects.toMatchObject(failure);
    expect(http.sent).toHaveLength(1);
    clock.skip(60_000);
    await expect(github.call(get('sweep'))).resolves.toMatchObject({ status: 200 });
  });

  it('does not hold back what deletes the record of a cancelled run', async () => {
    const { github, http, cancel } = await paused([OK]);
    cancel();
    await expect(github.call(get('extra'))).rejects.toMatchObject({ stopped: true });
    await github.call(get('tidy', { path: '/record' }));
    expect(http.lines).toEqual(['GET /thing', 'GET /record']);
  });

  it('does not hold it back when the signal comes in the pause either', async () => {
    const { clock, github, http, cancel } = await paused([OK]);
    clock.meanwhile = cancel;
    await github.call(get('tidy', { path: '/record' }));
    expect(http.lines).toEqual(['GET /thing', 'GET /record']);
  });

  it('ends early when the run stops, and the request is not sent', async () => {
    const { clock, github, http, cancel } = await paused();
    clock.meanwhile = cancel;
    const failure = { message: 'Reading a thing failed: the run stopped first.', stopped: true, maybeDone: false };
    await expect(github.call(get('extra'))).rejects.toMatchObject(failure);
    expect(http.sent).toHaveLength(1);
  });

  it('is waited out again when another has begun meanwhile', async () => {
    const { clock, github } = await paused([answer(429, '', { 'retry-after': '90' }), OK]);
    clock.meanwhile = async () => {
      clock.meanwhile = () => undefined;
      await github.call(get('keep')).catch(() => undefined);
    };
    await github.call(get());
    expect(clock.waits).toEqual([60_000, 30_000]);
  });

  it.each<[string, HttpAnswer, HttpAnswer[], number[]]>([
    ['none after a 429 that names no time', answer(429), [], []],
    ['none after a 503, which is no limit', answer(503, '', { 'retry-after': '60' }), [], []],
    ['not made shorter by one of less', LIMITED, [answer(429, '', { 'retry-after': '5' })], [60_000]],
  ])('is %s', async (_what, limited, later, waits) => {
    const { clock, github } = await paused([...later, OK], limited);
    if (later.length > 0) await github.call(get('keep')).catch(() => undefined);
    await github.call(get());
    expect(clock.waits).toEqual(waits);
  });
});

describe('a request under way', () => {
  it.each<[Manner, number, boolean, number]>([
    ['keep', 30_000, false, 30_000],
    ['extra', 30_000, false, 30_000],
    ['tidy', 30_000, true, 3_000],
    ['tidy', 2_000, true, 2_000],
    ['sweep', 30_000, false, 3_000],
  ])('as a %s of a run that allows %i ms (stopped: %s) has %i ms', async (manner, allowed, isStopped, timeoutMs) => {
    const { cancellation, github, http, cancel } = scripted([OK], { httpOptions: { timeoutMs: allowed } });
    if (isStopped) cancel();
    await github.call(get(manner));
    const signal = manner === 'sweep' ? { signal: cancellation.stop } : {};
    expect(http.sent[0]?.options).toEqual({ timeoutMs, ...signal, maxBytes: 16_777_216, newConnection: false });
  });

  it('that only reads ends with the run', async () => {
    const { clock, github, cancel } = scripted([hanging]);
    const call = github.call(get());
    await settle();
    cancel();
    await expect(call).rejects.toMatchObject({ reason: 'cancelled', stopped: true, maybeDone: false });
    expect(clock.waits).toEqual([]);
  });

  it.each<Manner>(['record', 'tidy'])('as a %s has three seconds left when the run stops', async (manner) => {
    const { clock, github, http, cancel } = scripted([hanging]);
    let wake = () => {};
    clock.meanwhile = () => new Promise<void>((resolve) => (wake = resolve));
    const call = github.call(put(manner)).catch((error: unknown) => error);
    await settle();
    expect(clock.waits).toEqual([]);
    cancel();
    await settle();
    expect(clock.waits).toEqual([3_000]);
    expect(http.sent[0]?.options).toMatchObject({ timeoutMs: 30_000, signal: { aborted: false } });
    wake();
    expect(await call).toMatchObject({ reason: 'cancelled', stopped: true, maybeDone: true });
    expect(http.sent).toHaveLength(1);
  });

  it('is not ended any more when it was answered before the run stops', async () => {
    const { cancel, clock, github, http } = scripted([OK]);
    await github.call(get('record'));
    cancel();
    await settle();
    expect(clock.waits).toEqual([]);
    expect(http.sent[0]?.options.signal?.aborted).toBe(false);
  });

  it('is not begun when the run stopped while its body was made', async () => {
    const { github, http, cancel } = scripted([]);
    const body = async () => ({ sent: cancel() });
    await expect(github.call(put('record', { body }))).rejects.toMatchObject({ stopped: true });
    expect(http.sent).toEqual([]);
  });
});

it.each<[Manner, 'GET' | 'PUT', Step[], number]>([
  // What was reserved is used.
  ['record', 'PUT', [OK], 78],
  ['keep', 'PUT', [OK], 78],
  ['keep', 'PUT', [answer(500), OK], 77],
  ['extra', 'PUT', [OK], 77],
  ['read', 'GET', [OK], 78],
])('after two reservations, a %s by %s leaves room', async (manner, method, steps, left) => {
  const full = () => Promise.reject(new Error('full'));
  const { github } = scripted(steps);
  await github.budget.reserve(2, full);
  await github.call(get(manner, { method }));
  await expect(github.budget.reserve(left + 1, full)).rejects.toThrow('full');
  await expect(github.budget.reserve(left, full)).resolves.toBe(left);
});

it('what is left of the hourly limit is counted', async () => {
  const limit = { 'x-ratelimit-remaining': '2', 'x-ratelimit-reset': seconds(NOON + 60_000) };
  const { github } = await paused([], answer(404, '', limit));
  expect(github.budget.shortOf(3)).toEqual({ remaining: 2, resetAt: NOON + 60_000 });
});

it("GitHub's clock is that of this machine before the first answer", () => {
  const { clock, github } = scripted([]);
  clock.skip(1_234);
  expect(github).toMatchObject({ offsetMs: 0, lastDate: NOON + 1_000 });
  expect(github.now()).toBe(NOON + 1_234);
});

it.each([
  // The date in the answer, how long it took, how far the clock is ahead.
  [undefined, 0, 0],
  [-2_000, 0, 0],
  [2_000, 0, 2_500],
  [-3_000, 0, -2_500],
  [2_000, 500, 2_250],
  // An answer that took long leaves more open.
  [11_000, 10_000, 0],
  [12_000, 10_000, 7_500],
])("GitHub's clock is read from an answer, also from a refusal: %j after %i ms", async (later, took, offsetMs) => {
  const { clock, github, http } = scripted([]);
  http.on(/./, async () => {
    clock.skip(took);
    return answer(404, '', later === undefined ? {} : { date: new Date(NOON + later).toUTCString() });
  });
  await github.call(get()).catch(() => undefined);
  expect(github).toMatchObject({ offsetMs, lastDate: NOON + (later ?? 0) });
  expect(github.now()).toBe(NOON + took + offsetMs);
});

it.each([
  ['2026-12-01 10:00:00 UTC', Date.UTC(2026, 11, 1, 10)],
  ['2026-12-01 10:00:00 -0200', Date.UTC(2026, 11, 1, 12)],
  ['never', undefined],
])('the token expires when GitHub says so: %s', async (text, expected) => {
  const { github } = scripted([answer(200, '', { 'github-authentication-token-expiration': text }), OK]);
  await github.call(get());
  // An answer that does not say it changes nothing.
  await github.call(get());
  expect(github.tokenExpiresAt).toBe(expected);
});
