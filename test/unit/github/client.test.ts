import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gitHub } from '../../../src/github/client.ts';
import { GitHubFailure } from '../../../src/github/failure.ts';
import { TransportError } from '../../../src/http.ts';
import { answer, HeldHttp, ScriptedHttp } from '../support/github-script.ts';
import { API_URL, accessTo, NOON, settle, TOKEN, thrownBy } from '../support/github-world.ts';

type Steps = ConstructorParameters<typeof ScriptedHttp>;

/** A client that plays a script. */
function scripted(steps: Steps, chosen: Parameters<typeof accessTo>[1] = {}) {
  const http = new ScriptedHttp(...steps);
  const { access, clock, log } = accessTo(http, chosen);
  return { github: gitHub(access), http, clock, log };
}

const OK = answer(200, { ok: true });
const cut = () => new TransportError('the connection was cut', true);
const httpDate = (ms: number) => new Date(ms).toUTCString();

describe('a request', () => {
  it('carries the headers that GitHub asks for, and the token', async () => {
    const { github, http } = scripted([OK]);
    await github.call('GET', '/user');
    expect(http.sent[0]?.request.headers).toEqual({
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${TOKEN}`,
      'User-Agent': 'cobo-refresh-action',
      'X-GitHub-Api-Version': '2022-11-28',
    });
  });

  it('says that its body is JSON', async () => {
    const { github, http } = scripted([OK]);
    await github.call('PUT', '/x', { body: { a: 1 } });
    expect(http.sent[0]?.request.headers).toHaveProperty('Content-Type', 'application/json');
  });

  it('sends its body as JSON', async () => {
    const { github, http } = scripted([OK]);
    await github.call('PUT', '/x', { body: { name: 'é', list: [1] } });
    expect(http.sent[0]?.request.body).toBe('{"name":"é","list":[1]}');
  });

  it('has no body where none is given', async () => {
    const { github, http } = scripted([OK]);
    await github.call('DELETE', '/x');
    expect(http.sent[0]?.request).not.toHaveProperty('body');
  });

  it.each([
    [API_URL, '/user', 'https://api.github.test/user'],
    ['https://ghe.test/api/v3', '/repos/o/r', 'https://ghe.test/api/v3/repos/o/r'],
    ['https://ghe.test:8443/x', '/a%2Fb?page=2', 'https://ghe.test:8443/x/a%2Fb?page=2'],
  ])('to %s%s goes to %s', async (apiUrl, path, url) => {
    const { github, http } = scripted([OK], { apiUrl });
    await github.call('GET', path);
    expect(http.sent[0]?.request.url.href).toBe(url);
  });

  it('has the time limit of the run', async () => {
    const { github, http } = scripted([OK], { httpOptions: { timeoutMs: 7_000 } });
    await github.call('GET', '/x');
    expect(http.sent[0]?.options.timeoutMs).toBe(7_000);
  });

  it('reads a mebibyte of the answer at most', async () => {
    const { github, http } = scripted([OK]);
    await github.call('GET', '/x');
    expect(http.sent[0]?.options.maxBytes).toBe(1_048_576);
  });

  it('is told to the debug log', async () => {
    const onDone = () => {};
    const { github, http } = scripted([OK], { httpOptions: { timeoutMs: 1, onDone } });
    await github.call('GET', '/x');
    expect(http.sent[0]?.options.onDone).toBe(onDone);
  });

  it('can be ended early', async () => {
    const { signal } = new AbortController();
    const { github, http } = scripted([OK], { signal });
    await github.call('GET', '/x');
    expect(http.sent[0]?.options.signal).toBe(signal);
  });
});

describe('an answer', () => {
  it('is given as parsed JSON', async () => {
    const { github } = scripted([answer(200, { key_id: '7', list: [1, 'é'] })]);
    await expect(github.call('GET', '/x')).resolves.toEqual({ key_id: '7', list: [1, 'é'] });
  });

  it.each([200, 201, 202, 204, 299])('with status %i is a success', async (status) => {
    const { github } = scripted([answer(status)]);
    await expect(github.call('PUT', '/x')).resolves.toBeUndefined();
  });

  it('that is not JSON counts as empty', async () => {
    const { github } = scripted([answer(200, '<html>')]);
    await expect(github.call('GET', '/x')).resolves.toBeUndefined();
  });

  it.each([199, 300, 301, 304, 400, 401, 404, 408, 409, 410, 422, 451, 499])(
    'with status %i is final',
    async (status) => {
      const { github, http } = scripted([answer(status, { message: 'No' })]);
      await expect(github.call('GET', '/x')).rejects.toMatchObject({ name: 'GitHubFailure', status });
      expect(http.sent).toHaveLength(1);
    },
  );
});

describe('a failure is told', () => {
  it('with the status and what GitHub says', async () => {
    const { github } = scripted([answer(404, { message: 'Not Found' })]);
    await expect(github.call('GET', '/x')).rejects.toThrow(/^GitHub answered HTTP 404, "Not Found"$/);
  });

  it('without a full stop of GitHub, for the sentence goes on', async () => {
    const { github } = scripted([answer(403, { message: 'Resource not accessible. ' })]);
    await expect(github.call('GET', '/x')).rejects.toThrow('"Resource not accessible"');
  });

  it.each([
    ['a page of HTML', '<html>Bad</html>'],
    ['nothing', ''],
    ['JSON without a message', { error: 'x' }],
    ['a message that is no text', { message: { a: 1 } }],
    ['a list', [1]],
    ['null', null],
  ])('by the status alone when the answer is %s', async (_name, body) => {
    const { github } = scripted([answer(404, body)]);
    await expect(github.call('GET', '/x')).rejects.toThrow(/^GitHub answered HTTP 404$/);
  });

  it('as a lost answer, with the reason', async () => {
    const lost = cut();
    const { github } = scripted([lost], { maxAttempts: 1 });
    const error = await thrownBy(github.call('GET', '/x'));
    expect(error).toBeInstanceOf(GitHubFailure);
    expect(error).toMatchObject({ message: 'the connection was cut', status: undefined, cause: lost });
  });

  it('without control characters and commands to the runner', async () => {
    const message = 'a\u001b[31m\r\n::error::b\u0000\u2028\u202e\u0085c';
    const { github } = scripted([answer(400, { message })]);
    await expect(github.call('GET', '/x')).rejects.toThrow(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
  });

  it('without anything that could be a command to the runner', async () => {
    const { github } = scripted([answer(400, { message: 'x\n::add-mask::y' })]);
    await expect(github.call('GET', '/x')).rejects.not.toThrow('::');
  });

  it('without a long opaque run, which might be a token', async () => {
    const { github } = scripted([answer(400, { message: `the value ${'t'.repeat(60)} is bad` })]);
    await expect(github.call('GET', '/x')).rejects.toThrow('"the value […] is bad"');
  });

  it('cut to a sane length', async () => {
    const { github } = scripted([answer(400, { message: 'word '.repeat(1000) })]);
    const error = await thrownBy(github.call('GET', '/x'));
    expect(String(error).length).toBeLessThan(260);
  });

  it('as it is when it is a defect of the action', async () => {
    const defect = new TypeError('not a function');
    const { github, http } = scripted([defect]);
    await expect(github.call('GET', '/x')).rejects.toBe(defect);
    expect(http.sent).toHaveLength(1);
  });
});

describe('a request is sent again', () => {
  it.each([
    ['a connection that was cut', cut()],
    ['no connection', new TransportError('the connection was refused', false)],
    ['status 429', answer(429)],
    ['status 500', answer(500)],
    ['status 502 with a page of HTML', answer(502, '<html>')],
    ['status 503', answer(503, { message: 'No server' })],
    ['status 504', answer(504)],
    ['status 599', answer(599)],
  ])('after %s', async (_name, failure) => {
    const { github, http } = scripted([failure, OK]);
    await expect(github.call('GET', '/x')).resolves.toEqual({ ok: true });
    expect(http.sent).toHaveLength(2);
  });

  it('with the same body', async () => {
    const { github, http } = scripted([answer(500), OK]);
    await github.call('PUT', '/x', { body: { a: 1 } });
    expect(http.sent.map(({ request }) => request.body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  it('after waits that double up to eight seconds', async () => {
    const failures = Array.from({ length: 7 }, () => answer(500));
    const { github, clock } = scripted([...failures, OK], { maxAttempts: 8 });
    await github.call('GET', '/x');
    // Three quarters of 0.5 s, 1 s, 2 s …: the held clock's chance is one half.
    expect(clock.waits).toEqual([375, 750, 1500, 3000, 6000, 6000, 6000]);
  });

  it.each([1, 2, 4, 20])('until %i attempts have failed', async (maxAttempts) => {
    const failures = Array.from({ length: maxAttempts }, () => answer(503, { message: 'No server' }));
    const { github, http } = scripted(failures, { maxAttempts });
    await expect(github.call('GET', '/x')).rejects.toMatchObject({ status: 503 });
    expect(http.sent).toHaveLength(maxAttempts);
  });

  it('and throws the last failure', async () => {
    const { github } = scripted([answer(500), cut()], { maxAttempts: 2 });
    await expect(github.call('GET', '/x')).rejects.toThrow('the connection was cut');
  });

  it('and not again once the failure is final', async () => {
    const { github, http } = scripted([answer(500), answer(404)]);
    await expect(github.call('GET', '/x')).rejects.toMatchObject({ status: 404 });
    expect(http.sent).toHaveLength(2);
  });

  it('and the log tells each time', async () => {
    const { github, log } = scripted([answer(502, { message: 'Bad gateway' }), cut(), OK]);
    await github.call('PUT', '/repos/o/r/actions/secrets/X', { body: {} });
    expect(log.lines).toEqual([
      'Attempt 1 at GitHub (PUT /repos/o/r/actions/secrets/X) failed: GitHub answered HTTP 502, "Bad gateway". Trying again in 0.4 s.',
      'Attempt 2 at GitHub (PUT /repos/o/r/actions/secrets/X) failed: the connection was cut. Trying again in 0.8 s.',
    ]);
  });

  it('and the log keeps control characters out', async () => {
    const { github, log } = scripted([answer(502, { message: 'a\n::error::b\u001b' }), OK]);
    await github.call('GET', '/x');
    expect(log.lines[0]).toMatch(/^[^\p{C}]+$/u);
  });
});

describe('the wait that GitHub asks for is obeyed:', () => {
  async function waits(failure: ReturnType<typeof answer>): Promise<number[]> {
    const { github, clock } = scripted([failure, OK]);
    await github.call('GET', '/x');
    return clock.waits;
  }

  it.each([403, 429, 500, 503])('`Retry-After` in seconds, with status %i', async (status) => {
    await expect(waits(answer(status, {}, { 'retry-after': '17' }))).resolves.toEqual([17_000]);
  });

  it('`Retry-After` as a date', async () => {
    const failure = answer(429, {}, { 'retry-after': httpDate(NOON + 42_000) });
    await expect(waits(failure)).resolves.toEqual([42_000]);
  });

  it('no wait at all for `Retry-After: 0`', async () => {
    await expect(waits(answer(429, {}, { 'retry-after': '0' }))).resolves.toEqual([]);
  });

  it('no wait at all for a date in the past', async () => {
    const failure = answer(429, {}, { 'retry-after': httpDate(NOON - 5000) });
    await expect(waits(failure)).resolves.toEqual([]);
  });

  it.each(['soon', '-5', '1.5', ''])('the usual wait for a senseless `Retry-After` (%j)', async (header) => {
    await expect(waits(answer(429, {}, { 'retry-after': header }))).resolves.toEqual([375]);
  });

  const limitHeaders = (reset: string, more: Record<string, string> = {}) => ({
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': reset,
    ...more,
  });
  const seconds = (ms: number) => String(ms / 1000);

  it.each([403, 429])('until a second after the reset of a used-up limit, with status %i', async (status) => {
    const failure = answer(status, {}, limitHeaders(seconds(NOON + 30_000)));
    await expect(waits(failure)).resolves.toEqual([31_000]);
  });

  it.each([
    ['ahead of', 3_600_000],
    ['behind', -3_600_000],
  ])("the reset by GitHub's clock, when it is an hour %s the runner's", async (_name, offset) => {
    const date = httpDate(NOON + offset);
    const failure = answer(403, {}, limitHeaders(seconds(NOON + offset + 30_000), { date }));
    await expect(waits(failure)).resolves.toEqual([31_000]);
  });

  it("the reset by the runner's clock, when GitHub's date makes no sense", async () => {
    const failure = answer(403, {}, limitHeaders(seconds(NOON + 30_000), { date: 'yesterday' }));
    await expect(waits(failure)).resolves.toEqual([31_000]);
  });

  it('a second for a reset that is over', async () => {
    await expect(waits(answer(403, {}, limitHeaders(seconds(NOON - 90_000))))).resolves.toEqual([1000]);
  });

  it('`Retry-After` before the reset', async () => {
    const headers = limitHeaders(seconds(NOON + 900_000), { 'retry-after': '5' });
    await expect(waits(answer(403, {}, headers))).resolves.toEqual([5000]);
  });

  it('a minute for a secondary limit that names no time', async () => {
    const failure = answer(403, { message: 'You have exceeded a Secondary rate limit. Please wait.' });
    await expect(waits(failure)).resolves.toEqual([60_000]);
  });

  it('the time that a secondary limit names', async () => {
    const message = 'You have exceeded a secondary rate limit.';
    await expect(waits(answer(403, { message }, { 'retry-after': '9' }))).resolves.toEqual([9000]);
  });

  it.each([
    ['`Retry-After`', { 'retry-after': '86400' }],
    ['a date', { 'retry-after': httpDate(NOON + 86_400_000) }],
    ['the reset', limitHeaders(seconds(NOON + 86_400_000))],
  ])('an hour at most, however far off is %s', async (_name, headers) => {
    await expect(waits(answer(429, {}, headers))).resolves.toEqual([3_600_000]);
  });

  it('an hour to the second', async () => {
    await expect(waits(answer(429, {}, { 'retry-after': '3600' }))).resolves.toEqual([3_600_000]);
  });
});

describe('a plain 403 is final', () => {
  it.each([
    ['without headers', {}],
    ['with requests left', { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '1772366430' }],
    ['with no reset', { 'x-ratelimit-remaining': '0' }],
    ['with a reset that is no number', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }],
    [
      'with a reset that is far too long',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9'.repeat(13) },
    ],
    ['with a reset alone', { 'x-ratelimit-reset': '1772366430' }],
  ])('%s', async (_name, headers) => {
    const { github, http } = scripted([answer(403, { message: 'Resource not accessible' }, headers)]);
    await expect(github.call('GET', '/x')).rejects.toMatchObject({ status: 403 });
    expect(http.sent).toHaveLength(1);
  });
});

describe('a hurried request', () => {
  const aborted = AbortSignal.abort();

  it('is tried once', async () => {
    const { github, http } = scripted([answer(500), OK]);
    await expect(github.call('DELETE', '/x', { hurried: true })).rejects.toMatchObject({ status: 500 });
    expect(http.sent).toHaveLength(1);
  });

  it('has three seconds', async () => {
    const { github, http } = scripted([answer(204)]);
    await github.call('DELETE', '/x', { hurried: true });
    expect(http.sent[0]?.options.timeoutMs).toBe(3_000);
  });

  it('is sent although the run was cancelled', async () => {
    const { github } = scripted([OK], { signal: aborted });
    await expect(github.call('DELETE', '/x', { hurried: true })).resolves.toEqual({ ok: true });
  });

  it('cannot be ended early', async () => {
    const { github, http } = scripted([OK], { signal: aborted });
    await github.call('DELETE', '/x', { hurried: true });
    expect(http.sent[0]?.options).not.toHaveProperty('signal');
  });
});

describe('a lingering request', () => {
  it('has three more seconds when the run is cancelled', async () => {
    const controller = new AbortController();
    const { github, http, clock } = scripted([answer(201)], { signal: controller.signal });
    await github.call('PUT', '/x', { lingering: true });
    const signal = http.sent[0]?.options.signal;
    let end = () => {};
    clock.meanwhile = () => new Promise((resolve) => (end = resolve));
    controller.abort();
    await settle();
    expect(clock.waits).toEqual([3_000]);
    expect(signal?.aborted).toBe(false);
    end();
    await settle();
    expect(signal?.aborted).toBe(true);
  });

  it('never begins once the run is cancelled', async () => {
    const { github, http } = scripted([OK], { signal: AbortSignal.abort() });
    await expect(github.call('PUT', '/x', { lingering: true })).rejects.toThrow();
    expect(http.sent[0]?.options.signal?.aborted).toBe(true);
  });

  it('is not tried again once the run is cancelled', async () => {
    const controller = new AbortController();
    const { github, http, clock } = scripted([answer(500), OK], { signal: controller.signal });
    clock.meanwhile = () => controller.abort();
    await expect(github.call('PUT', '/x', { lingering: true })).rejects.toThrow('HTTP 500');
    expect(http.sent).toHaveLength(1);
  });
});

describe('a pause that GitHub asks for', () => {
  it('fails the requests that would have to wait for it when it is cut short', async () => {
    const controller = new AbortController();
    const limited = answer(429, {}, { 'retry-after': '60' });
    const { github, http, clock } = scripted([limited, OK], { signal: controller.signal, maxAttempts: 1 });
    await expect(github.call('GET', '/first')).rejects.toThrow('HTTP 429');
    clock.meanwhile = () => controller.abort();
    await expect(github.call('GET', '/second')).rejects.toThrow('which was cut short');
    expect(http.sent).toHaveLength(1);
  });
});

describe('cancelling', () => {
  it('ends a wait between two attempts', async () => {
    const controller = new AbortController();
    const { github, http, clock } = scripted([answer(500), OK], { signal: controller.signal });
    clock.meanwhile = () => controller.abort();
    await expect(github.call('GET', '/x')).rejects.toThrow('HTTP 500');
    expect(http.sent).toHaveLength(1);
  });

  it('ends a request, which is not sent again', async () => {
    const { github, http } = scripted([OK], { signal: AbortSignal.abort() });
    await expect(github.call('GET', '/x')).rejects.toThrow();
    expect(http.sent).toHaveLength(1);
  });
});

describe("GitHub's clock", () => {
  /** The offset after answers whose Date headers are so far ahead of the runner's clock. */
  async function offsetAfter(...dates: (string | undefined)[]): Promise<number> {
    const steps = dates.map((date) => answer(200, {}, date === undefined ? {} : { date }));
    const { github } = scripted(steps);
    for (const _ of dates) await github.call('GET', '/x');
    return github.clockOffsetMs();
  }

  it('counts as right before the first answer', () => {
    expect(scripted([]).github.clockOffsetMs()).toBe(0);
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
    ['three seconds ahead', 3_000],
    ['three seconds behind', -3_000],
  ])('%s is noticed', async (_name, offset) => {
    // The header counts whole seconds, so the truth is half a second later on average.
    await expect(offsetAfter(httpDate(NOON + offset))).resolves.toBe(offset + 500);
  });

  it.each([-2000, -1000, 0, 1000])('%i ms ahead is noise', async (offset) => {
    await expect(offsetAfter(httpDate(NOON + offset))).resolves.toBe(0);
  });

  it('is unknown while no answer has told it', async () => {
    await expect(offsetAfter(undefined, 'yesterday')).resolves.toBe(0);
  });

  it('stays known when a later answer does not tell it', async () => {
    await expect(offsetAfter(httpDate(NOON + 60_000), undefined, 'today')).resolves.toBe(60_500);
  });

  it('is known by the latest answer', async () => {
    await expect(offsetAfter(httpDate(NOON + 60_000), httpDate(NOON + 90_000))).resolves.toBe(90_500);
  });

  it('is told by refusals as well', async () => {
    const { github } = scripted([answer(404, {}, { date: httpDate(NOON + 60_000) })]);
    await thrownBy(github.call('GET', '/x'));
    expect(github.clockOffsetMs()).toBe(60_500);
  });

  it('is known to within half a second and half the time of the request', async () => {
    const ahead = fc.integer({ min: 5_000, max: 86_400_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          ahead,
          ahead.map((ms) => -ms),
        ),
        fc.nat(1500),
        fc.nat(1500),
        fc.nat(999),
        async (offset, there, back, ms) => {
          const http = new ScriptedHttp(() => {
            clock.time += there;
            const date = httpDate(clock.time + offset);
            clock.time += back;
            return answer(200, {}, { date });
          });
          const { access, clock } = accessTo(http);
          clock.time += ms;
          const github = gitHub(access);
          await github.call('GET', '/x');
          expect(Math.abs(github.clockOffsetMs() - offset)).toBeLessThanOrEqual(501 + (there + back) / 2);
        },
      ),
    );
  });
});

describe('ten requests are in flight at most', () => {
  const many = Array.from({ length: 25 }, (_, index) => `/${index}`);

  function begin(paths: readonly string[], maxAttempts = 1) {
    const http = new HeldHttp();
    const { access, clock } = accessTo(http, { maxAttempts });
    const github = gitHub(access);
    const ended = Promise.allSettled(paths.map((path) => github.call('GET', path)));
    return { http, clock, ended };
  }

  it('and the others wait', async () => {
    const { http } = begin(many);
    await settle();
    expect(http.open).toEqual(many.slice(0, 10));
  });

  it('and each that ends makes room for the next, in order', async () => {
    const { http } = begin(many);
    await settle();
    http.end('/4', OK);
    http.end('/9', OK);
    await settle();
    expect(http.paths).toEqual(many.slice(0, 12));
  });

  it.each([
    ['is refused', answer(404)],
    ['gets no answer', cut()],
    ['fails in an unforeseen way', new TypeError('defect')],
  ])('and one that %s makes room, too', async (_name, end) => {
    const { http } = begin(many);
    await settle();
    http.end('/0', end);
    await settle();
    expect(http.paths).toEqual(many.slice(0, 11));
  });

  it('from the first to the last', async () => {
    const { http, ended } = begin(many);
    await settle();
    while (http.open.length > 0) {
      http.end(http.open.at(-1) ?? '', http.open.length % 2 ? OK : answer(404));
      await settle();
    }
    await expect(ended).resolves.toHaveLength(25);
    expect({ paths: http.paths, most: http.most }).toEqual({ paths: many, most: 10 });
  });

  it('and one that waits for its next attempt holds no place', async () => {
    const { http, clock } = begin(many, 2);
    clock.meanwhile = () => new Promise(() => {});
    await settle();
    http.end('/0', answer(503));
    await settle();
    expect(http.open).toEqual(many.slice(1, 11));
  });
});
