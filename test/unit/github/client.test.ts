import { describe, expect, it } from 'vitest';
import { type Call, GitHub, type GitHubAccess } from '../../../src/github/client.ts';
import { GitHubFailure } from '../../../src/github/failure.ts';
import type { Manner } from '../../../src/github/manner.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { NOON } from '../../support/clock.ts';
import { API, answer, cut, hanging, type Step, seconds, settle, TOKEN, unreachable, world } from './support.ts';

const OK = answer(200, { ok: true });
const PURPOSE = { doing: 'Reading a thing', permission: '"Things: read"' };
const date = (ms: number) => new Date(ms).toUTCString();

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

describe('a request', () => {
  it('carries the headers that GitHub asks for, the token and the limits of the run', async () => {
    const onDone = () => undefined;
    const { cancellation, github, http } = scripted([OK], { httpOptions: { timeoutMs: 7_000, onDone } });
    await github.call(get());
    expect(http.sent).toEqual([
      {
        line: 'GET /thing',
        at: NOON,
        request: {
          method: 'GET',
          url: new URL(`${API}/thing`),
          headers: {
            Accept: 'application/vnd.github+json',
            Authorization: `Bearer ${TOKEN}`,
            'User-Agent': 'cobo-refresh-action',
            'X-GitHub-Api-Version': '2022-11-28',
          },
        },
        options: {
          timeoutMs: 7_000,
          onDone,
          signal: cancellation.stop,
          maxBytes: 1_048_576,
          newConnection: false,
        },
      },
    ]);
  });

  it('says that its body is JSON', async () => {
    const { github, http } = scripted([answer(204)]);
    await github.call(put('extra', { body: async () => ({ name: 'é', list: [1] }) }));
    expect(http.sent[0]?.request).toMatchObject({
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"é","list":[1]}',
    });
  });

  it('goes below the path of an Enterprise Server', async () => {
    const { github, http } = scripted([OK], { apiUrl: 'https://ghe.test:8443/api/v3' });
    await github.call(get('read', { path: '/a%2Fb?page=2' }));
    expect(http.sent[0]?.request.url.href).toBe('https://ghe.test:8443/api/v3/a%2Fb?page=2');
  });

  it('may have a larger answer', async () => {
    const { github, http } = scripted([OK]);
    await github.call(get('read', { maxBytes: 5 }));
    expect(http.sent[0]?.options.maxBytes).toBe(5);
  });
});

describe('an answer', () => {
  it.each([
    ['JSON', answer(200, { key: 'é' }), { key: 'é' }],
    ['no JSON', answer(200, '<html>'), undefined],
    ['nothing', answer(200), undefined],
  ])('of %s is given with its status', async (_what, step, json) => {
    const { github } = scripted([step]);
    await expect(github.call(get())).resolves.toEqual({ status: 200, json, maybeDone: false });
  });

  it.each([302, 400, 404, 499])('of an unexpected status %i fails at once', async (status) => {
    const { clock, github, http } = scripted([answer(status, { message: 'No.' })]);
    await expect(github.call(put('extra'))).rejects.toMatchObject({
      name: 'GitHubFailure',
      message: `Reading a thing failed: GitHub returned HTTP ${status}${status < 300 ? ', which is not the status of success, so a proxy may have answered' : ''}, "No".`,
      status,
      stopped: false,
    });
    expect(http.sent).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  it.each([200, 202, 299])('of an undocumented success %i fails at once', async (status) => {
    const { clock, github } = scripted([answer(status)]);
    await expect(github.call(put('extra'))).rejects.toMatchObject({
      message: `Reading a thing failed: GitHub returned HTTP ${status}, which is not the status of success, so a proxy may have answered.`,
      status,
    });
    expect(clock.waits).toEqual([]);
  });

  it('that is lost for good says why', async () => {
    const lost = cut();
    const { github } = scripted([lost], { maxAttempts: 1 });
    await expect(github.call(get())).rejects.toMatchObject({
      message: 'Reading a thing failed: the connection was cut.',
      code: 'github-unavailable',
      status: undefined,
      stopped: false,
      cause: lost,
    });
  });

  it('does not hide a defect of the action', async () => {
    const defect = new TypeError('not a function');
    const { github, http } = scripted([defect]);
    await expect(github.call(get())).rejects.toBe(defect);
    expect(http.sent).toHaveLength(1);
  });
});

describe('a request is sent again', () => {
  it.each([
    ['a connection that was cut', cut()],
    ['no connection', unreachable()],
    ['429', answer(429)],
    ['500', answer(500)],
    ['503', answer(503)],
  ])('after %s', async (_what, step) => {
    const { github, http } = scripted([step, OK]);
    await expect(github.call(get())).resolves.toMatchObject({ status: 200 });
    expect(http.sent).toHaveLength(2);
  });

  it('as often as it may, with waits that grow', async () => {
    const { clock, github, http } = scripted([answer(500), answer(500), answer(500), answer(503)]);
    await expect(github.call(get())).rejects.toMatchObject({ status: 503 });
    expect(http.sent).toHaveLength(4);
    expect(clock.waits).toEqual([375, 750, 1500]);
  });

  it('on a new connection where the one before failed without an answer', async () => {
    const { github, http } = scripted([cut(), answer(500), unreachable(), OK]);
    await github.call(get());
    expect(http.sent.map(({ options }) => options.newConnection)).toEqual([false, true, false, true]);
  });

  it('and the log tells each time', async () => {
    const { github, log } = scripted([answer(502, { message: 'Bad\n::error::gateway' }), cut(), OK]);
    await github.call(get('read', { path: '/repos/o/r?x=1' }));
    expect(log.lines).toEqual([
      'Attempt 1 at GitHub (GET /repos/o/r?x=1) failed: GitHub returned HTTP 502, "Bad : :error: :gateway". Trying again in 0.4 s.',
      'Attempt 2 at GitHub (GET /repos/o/r?x=1) failed: the connection was cut. Trying again in 0.8 s.',
    ]);
  });

  it('after an hour at most, however long GitHub asks to wait', async () => {
    const { clock, github } = scripted([answer(429, '', { 'retry-after': '3601' }), OK]);
    await github.call(get());
    expect(clock.waits).toEqual([3_600_000]);
  });

  it.each<[Manner, number]>([
    ['record', 2],
    ['extra', 2],
    ['keep', 4],
  ])('after a 422 with a body of its own: %s, %i times in all', async (manner, times) => {
    const told: (number | undefined)[] = [];
    const refused = answer(422, { message: 'wrong key' });
    const { clock, github } = scripted([refused, refused, refused, refused]);
    const body = async (last: GitHubFailure | undefined) => {
      told.push(last?.status);
      return {};
    };
    await expect(github.call(put(manner, { body }))).rejects.toMatchObject({ status: 422 });
    expect(told).toEqual([undefined, 422, 422, 422].slice(0, times));
    expect(clock.waits).toEqual([750, 1500].slice(0, times - 2));
  });

  it('at once after its first 422, whatever failed before', async () => {
    const { clock, github } = scripted([answer(503), answer(422), answer(204)]);
    await expect(github.call(put('record'))).resolves.toMatchObject({ status: 204 });
    expect(clock.waits).toEqual([375]);
  });

  it.each([200, 301, 401, 403, 404, 409])('where it keeps a token, after %i too', async (status) => {
    const refused = answer(status);
    const { github, http } = scripted([refused, refused, refused, answer(204)]);
    await expect(github.call(put('keep'))).resolves.toMatchObject({ status: 204 });
    expect(http.sent).toHaveLength(4);
  });

  it('where it keeps a token, until all attempts are used up', async () => {
    const { github, http } = scripted(
      Array.from({ length: 7 }, () => answer(404)),
      { maxAttempts: 7 },
    );
    await expect(github.call(put('keep'))).rejects.toMatchObject({ status: 404 });
    expect(http.sent).toHaveLength(7);
  });

  it('with every other call that its body needs, which has attempts of its own', async () => {
    const { github, http, log } = scripted([answer(503), answer(404), OK, answer(204)]);
    const body = async () => (await github.call(get('keep', { path: '/other' }))) && {};
    await expect(github.call(put('keep', { body }))).resolves.toMatchObject({ status: 204 });
    expect(http.lines).toEqual(['GET /other', 'GET /other', 'GET /other', 'PUT /thing']);
    expect(log.lines[0]).toContain('Attempt 1 at GitHub (GET /other) failed: GitHub returned HTTP 503.');
  });

  it('where it keeps a token, after a call that its body needs has failed', async () => {
    const { github, http } = scripted([answer(404), OK, answer(204)], { maxAttempts: 2 });
    const body = async () => (await github.call(get('read', { path: '/other' }))) && {};
    await expect(github.call(put('keep', { body }))).resolves.toMatchObject({ status: 204 });
    expect(http.lines).toEqual(['GET /other', 'GET /other', 'PUT /thing']);
  });
});

describe('what may be done although its answer was lost', () => {
  it.each<[string, Step[], boolean]>([
    ['nothing', [], false],
    ['a connection that was cut', [cut()], true],
    ['no connection', [unreachable()], false],
    ['500', [answer(500)], true],
    ['429', [answer(429)], false],
    ['a connection that was cut, then 429', [cut(), answer(429)], true],
  ])('is told by a success after %s', async (_what, steps, maybeDone) => {
    const { github } = scripted([...steps, answer(204)]);
    await expect(github.call(put('record'))).resolves.toMatchObject({ status: 204, maybeDone });
  });

  it.each<[string, Step[], boolean]>([
    ['404', [answer(404)], false],
    ['a connection that was cut, then 404', [cut(), answer(404)], true],
    ['no connection, ever', [unreachable(), unreachable(), unreachable(), unreachable()], false],
    ['no connection, and a cut one in the end', [unreachable(), unreachable(), unreachable(), cut()], true],
    ['a success that is not documented', [answer(200)], true],
  ])('is told by a failure after %s', async (_what, steps, maybeDone) => {
    const { github } = scripted(steps);
    await expect(github.call(put('record'))).rejects.toMatchObject({ maybeDone });
  });

  it.each<[string, Step[], boolean]>([
    ['after a lost answer', [cut(), answer(404)], true],
    ['after a refusal, not even when its own answer is lost', [answer(422), cut()], false],
  ])('is told when a call that the body needs fails %s', async (_what, steps, maybeDone) => {
    const { github } = scripted(steps, { maxAttempts: 2 });
    const body = async (last: GitHubFailure | undefined) => {
      if (last !== undefined) await github.call(get('sweep', { path: '/other' }));
      return {};
    };
    await expect(github.call(put('record', { body }))).rejects.toMatchObject({ maybeDone });
  });
});

describe('a repository that has moved', () => {
  const location = { location: 'https://api.github.test/repositories/42/actions/secrets' };
  const moved = answer(307, { message: 'Temporary Redirect' }, location);

  it('is told by its new name', async () => {
    const { github, http } = scripted([moved, answer(200, { full_name: 'new/name' })]);
    await expect(github.call(put('record'))).rejects.toMatchObject({
      code: 'store-missing',
      status: 307,
      reason: 'GitHub returned HTTP 307, "Temporary Redirect", the repository is now `new/name`',
    });
    expect(http.lines).toEqual(['PUT /thing', 'GET /repositories/42']);
  });

  it.each<[string, Manner, Step[], number]>([
    ['the token may not see it', 'record', [moved, answer(404)], 2],
    ['it has none', 'record', [moved, answer(200, { full_name: 5 })], 2],
    ['it could break the log', 'record', [moved, answer(200, { full_name: 'x\n::error::y/z' })], 2],
    ['it has moved again', 'record', [moved, moved], 2],
    ['nobody reads it', 'sweep', [moved], 1],
  ])('is told without a name where %s', async (_what, manner, steps, requests) => {
    const { github, http } = scripted(steps);
    await expect(github.call(put(manner))).rejects.toMatchObject({
      reason: 'GitHub returned HTTP 307, "Temporary Redirect"',
    });
    expect(http.sent).toHaveLength(requests);
  });
});

describe('ten requests', () => {
  it('at most are in flight, and others follow', async () => {
    let open = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const step = () => {
      most = Math.max(most, ++open);
      return new Promise<HttpAnswer>((resolve) => {
        ends.push(() => {
          open--;
          resolve(OK);
        });
      });
    };
    const { github } = scripted(Array.from({ length: 25 }, () => step));
    const calls = Array.from({ length: 25 }, () => github.call(get()));
    for (let turn = 0; turn < 25; turn++) {
      await settle();
      ends[turn]?.();
    }
    await Promise.all(calls);
    expect(most).toBe(10);
  });
});

describe('a pause that GitHub asked for', () => {
  /** A client that was told to wait for a minute. */
  async function paused(steps: Step[] = [], changes: Partial<GitHubAccess> = {}) {
    const limited = answer(403, { message: 'You have exceeded a secondary rate limit' });
    const given = scripted([limited, ...steps], { maxAttempts: 1, ...changes });
    await given.github.call(get()).catch(() => undefined);
    return given;
  }

  it.each<Manner>(['read', 'record', 'extra', 'tidy'])('holds back every other %s', async (manner) => {
    const { clock, github } = await paused([OK]);
    clock.skip(10_000);
    await github.call(get(manner));
    expect(clock.waits).toEqual([50_000]);
  });

  it('does not hold back what keeps a token', async () => {
    const { clock, github } = await paused([OK]);
    await github.call(get('keep'));
    expect(clock.waits).toEqual([]);
  });

  it('does not hold back what deletes the record of a cancelled run', async () => {
    const { clock, github, signals } = await paused([OK]);
    signals.send('SIGINT');
    await github.call(get('tidy'));
    expect(clock.waits).toEqual([]);
  });

  it('is no time to delete the records of older runs', async () => {
    const { clock, github, http } = await paused();
    await expect(github.call(get('sweep'))).rejects.toMatchObject({
      reason: 'GitHub asked for a pause',
      code: 'github-unavailable',
    });
    expect(http.sent).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  it('is over when its time has come', async () => {
    const { clock, github } = await paused([OK, OK]);
    clock.skip(60_000);
    await github.call(get());
    await github.call(get('sweep'));
    expect(clock.waits).toEqual([]);
  });

  it('ends early when the run stops, and the request is not sent', async () => {
    const { cancellation, clock, github, http, signals } = await paused();
    clock.meanwhile = () => signals.send('SIGINT');
    await expect(github.call(get())).rejects.toMatchObject({
      message: 'Reading a thing failed: the run stopped first.',
      stopped: true,
      maybeDone: false,
    });
    expect(cancellation.received).toBe('SIGINT');
    expect(http.sent).toHaveLength(1);
  });

  it('holds back those too who wait for a place', async () => {
    const { clock, github, http } = scripted(
      [answer(429, '', { 'retry-after': '30' }), ...Array.from({ length: 12 }, () => OK)],
      { maxAttempts: 1 },
    );
    const first = github.call(get()).catch(() => undefined);
    const others = Array.from({ length: 11 }, () => github.call(get()));
    await Promise.all([first, ...others]);
    // The two that had no place among the first ten.
    expect(clock.waits).toEqual([30_000, 30_000]);
    expect(http.sent).toHaveLength(12);
  });

  it.each([
    ['an hour at most', answer(429, '', { 'retry-after': '86400' }), [3_600_000]],
    ['none after a 429 that names no time', answer(429), []],
    ['none after a 503, which is no limit', answer(503, '', { 'retry-after': '60' }), []],
  ])('is %s', async (_what, limited, waits) => {
    const { clock, github } = scripted([limited, OK], { maxAttempts: 1 });
    await github.call(get()).catch(() => undefined);
    await github.call(get());
    expect(clock.waits).toEqual(waits);
  });

  it.each([
    ['that asks for less', answer(429, '', { 'retry-after': '5' })],
    ['that asks for nothing', answer(404)],
  ])('is not made shorter by a later answer %s', async (_what, later) => {
    const { clock, github } = scripted([answer(429, '', { 'retry-after': '60' }), later, OK], {
      maxAttempts: 1,
    });
    await github.call(get()).catch(() => undefined);
    await github.call(get('keep')).catch(() => undefined);
    await github.call(get());
    expect(clock.waits).toEqual([60_000]);
  });
});

describe('a run that has stopped', () => {
  it.each<Manner>(['read', 'record', 'sweep'])('begins no %s', async (manner) => {
    const { github, http, signals } = scripted([]);
    signals.send('SIGINT');
    await expect(github.call(get(manner))).rejects.toMatchObject({
      reason: 'the run stopped first',
      code: 'github-unavailable',
      stopped: true,
    });
    expect(http.sent).toEqual([]);
  });

  it('begins none either when it stopped while the body was made', async () => {
    const { github, http, signals } = scripted([]);
    const body = async () => {
      signals.send('SIGINT');
      return {};
    };
    await expect(github.call(put('record', { body }))).rejects.toMatchObject({ stopped: true });
    expect(http.sent).toEqual([]);
  });

  it.each<Manner>(['keep', 'extra', 'tidy'])('begins a %s all the same', async (manner) => {
    const { github, signals } = scripted([OK]);
    signals.send('SIGINT');
    await expect(github.call(get(manner))).resolves.toMatchObject({ status: 200 });
  });

  it.each<[Manner, number]>([
    ['read', 1],
    ['record', 1],
    ['extra', 1],
    ['tidy', 1],
    ['keep', 2],
  ])('ends the wait of a %s: %i requests', async (manner, requests) => {
    const { clock, github, http, signals } = scripted([answer(503), OK]);
    clock.meanwhile = () => signals.send('SIGINT');
    await github.call(get(manner)).catch(() => undefined);
    expect(http.sent).toHaveLength(requests);
  });

  it('says so of a request that it cut off', async () => {
    const { github, signals } = scripted([hanging], { maxAttempts: 1 });
    const call = github.call(get());
    await settle();
    signals.send('SIGINT');
    await expect(call).rejects.toMatchObject({ reason: 'cancelled', stopped: true, maybeDone: false });
  });

  it('gives a record that is on its way three seconds, and no other attempt', async () => {
    const { clock, github, http, signals } = scripted([hanging]);
    const call = github.call(put('record'));
    await settle();
    signals.send('SIGINT');
    await expect(call).rejects.toMatchObject({ reason: 'cancelled', stopped: true, maybeDone: true });
    expect(clock.waits).toEqual([3_000]);
    expect(http.sent).toHaveLength(1);
  });

  it('tries only once to delete its records, and for three seconds', async () => {
    const { github, http, signals } = scripted([answer(503)]);
    signals.send('SIGINT');
    await expect(github.call(get('tidy'))).rejects.toMatchObject({ status: 503 });
    expect(http.sent[0]?.options.timeoutMs).toBe(3_000);
  });
});

describe('what it counts', () => {
  /** How many more writes fit into this minute. */
  async function room({ budget }: GitHub): Promise<number> {
    for (let writes = 80; writes > 0; writes--) {
      const got = await budget.reserve(writes, () => Promise.reject(new Error('full'))).catch(() => 0);
      if (got > 0) return got;
    }
    return 0;
  }

  it.each<[Manner, 'GET' | 'PUT', number, Step[]]>([
    ['extra', 'PUT', 79, [OK]],
    ['tidy', 'PUT', 79, [OK]],
    ['extra', 'PUT', 78, [cut(), OK]],
    // Their room was reserved before, and is not taken here.
    ['record', 'PUT', 79, [OK]],
    ['keep', 'PUT', 79, [OK]],
    ['keep', 'PUT', 78, [answer(500), OK]],
  ])('%s by %s leaves room for %i writes', async (manner, method, left, steps) => {
    const { github } = scripted(steps);
    await github.call(get(manner, { method }));
    expect(await room(github)).toBe(left);
  });

  it.each<[Manner, 'GET' | 'PUT', number, Step[]]>([
    ['record', 'PUT', 78, [OK]],
    ['keep', 'PUT', 78, [OK]],
    ['keep', 'PUT', 77, [answer(500), OK]],
    ['record', 'GET', 78, [OK]],
    ['keep', 'GET', 78, [OK]],
    ['extra', 'PUT', 77, [OK]],
    ['tidy', 'PUT', 77, [OK]],
    ['read', 'GET', 78, [OK]],
  ])('after two reservations, a %s by %s leaves room for %i writes', async (manner, method, left, steps) => {
    const { github } = scripted(steps);
    await github.budget.reserve(2, () => Promise.reject(new Error('full')));
    await github.call(get(manner, { method }));
    expect(await room(github)).toBe(left);
  });

  it.each<Manner>(['read', 'record', 'keep', 'extra', 'tidy', 'sweep'])('a GET as a %s, one point', async (manner) => {
    const { github } = scripted([OK]);
    for (let call = 0; call < 895; call++) github.budget.count('GET');
    expect(await room(github)).toBe(1);
    const { github: other } = scripted([OK]);
    for (let call = 0; call < 895; call++) other.budget.count('GET');
    await other.call(get(manner));
    expect(await room(other)).toBe(0);
  });

  it('what is left of the hourly limit', async () => {
    const limit = { 'x-ratelimit-remaining': '2', 'x-ratelimit-reset': seconds(NOON + 60_000) };
    const { github } = scripted([answer(404, '', limit)]);
    await github.call(get()).catch(() => undefined);
    expect(github.budget.shortOf(3)).toEqual({ remaining: 2, resetAt: NOON + 60_000 });
  });
});

describe("GitHub's clock", () => {
  it('is that of this machine before the first answer', () => {
    const { clock, github } = scripted([]);
    clock.skip(1_234);
    expect(github).toMatchObject({ offsetMs: 0, lastDate: NOON + 1_000 });
    expect(github.now()).toBe(NOON + 1_234);
  });

  it.each([
    ['without a date', {}, 0, NOON],
    ['with nonsense for a date', { date: 'soon' }, 0, NOON],
    ['with the same second', { date: date(NOON) }, 0, NOON],
    ['with a date that is noise ahead', { date: date(NOON + 1_000) }, 0, NOON + 1_000],
    ['with a date that is noise behind', { date: date(NOON - 2_000) }, 0, NOON - 2_000],
    ['with a date ahead', { date: date(NOON + 2_000) }, 2_500, NOON + 2_000],
    ['with a date behind', { date: date(NOON - 3_000) }, -2_500, NOON - 3_000],
    ['an hour ahead', { date: date(NOON + 3_600_000) }, 3_600_500, NOON + 3_600_000],
  ])('is read from an answer %s', async (_what, headers: Record<string, string>, offsetMs, lastDate) => {
    const { github } = scripted([answer(200, '', headers)]);
    await github.call(get());
    expect(github).toMatchObject({ offsetMs, lastDate });
    expect(github.now()).toBe(NOON + offsetMs);
  });

  it.each([
    [10_000, 10_000, 0],
    [10_000, 11_000, 0],
    [10_000, 12_000, 7_500],
    [10_000, -2_000, 0],
    [10_000, -3_000, -7_500],
  ])('is not off for an answer that took %i ms and is dated %i ms later', async (took, later, offsetMs) => {
    const { clock, github, http } = scripted([]);
    http.on(/./, async () => {
      clock.skip(took);
      return answer(200, '', { date: date(NOON + later) });
    });
    await github.call(get());
    expect(github.offsetMs).toBe(offsetMs);
  });

  it('is read from a refusal as well', async () => {
    const { github } = scripted([answer(404, '', { date: date(NOON + 60_000) })]);
    await github.call(get()).catch(() => undefined);
    expect(github.lastDate).toBe(NOON + 60_000);
  });
});

describe('when the token expires', () => {
  it.each([
    ['GitHub has not said', {}, undefined],
    [
      'GitHub says so',
      { 'github-authentication-token-expiration': '2026-12-01 10:00:00 UTC' },
      Date.UTC(2026, 11, 1, 10),
    ],
    [
      'GitHub says so with a zone',
      { 'github-authentication-token-expiration': '2026-12-01 10:00:00 -0200' },
      Date.UTC(2026, 11, 1, 12),
    ],
    ['it is nonsense', { 'github-authentication-token-expiration': 'never' }, undefined],
  ])('%s', async (_what, headers: Record<string, string>, expected) => {
    const { github } = scripted([answer(200, '', headers), OK]);
    await github.call(get());
    expect(github.tokenExpiresAt).toBe(expected);
    // An answer that does not say it changes nothing.
    await github.call(get());
    expect(github.tokenExpiresAt).toBe(expected);
  });
});

it('throws failures as such', async () => {
  const { github } = scripted([answer(404)]);
  await expect(github.call(get())).rejects.toBeInstanceOf(GitHubFailure);
});
