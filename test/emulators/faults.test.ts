import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../emulators/cobo/keys.ts';
import { type CoboEmulator, startCobo } from '../../emulators/cobo.ts';
import { type Fault, FaultBook } from '../../emulators/faults.ts';
import { type GitHubEmulator, startGitHub } from '../../emulators/github.ts';
import { refresh, tokensIn } from './cobo-client.ts';
import { call, sealed, TOKEN } from './github-client.ts';

let cobo: CoboEmulator;
let token: string;

beforeEach(async () => {
  cobo = await startCobo();
  token = cobo.issueRefreshToken();
});

afterEach(() => cobo.close());

async function struckBy(fault: Fault, timeoutMs = 2000) {
  cobo.faults.add({ match: { method: 'POST', path: /\/oauth\/token$/ }, fault });
  const outcome = await refresh(cobo, token, cobo.client, timeoutMs);
  const record = cobo.requests.at(-1);
  expect(record?.fault).toBe(fault.kind);
  expect(record?.verdict).not.toContain(token);
  return { outcome, record, state: cobo.state(token) };
}

describe('faults that keep the answer back', () => {
  test('refuse', async () => {
    const { outcome, record, state } = await struckBy({ kind: 'refuse' });
    expect([outcome.failure, outcome.status, state]).toEqual(['ECONNRESET', undefined, 'living']);
    expect([record?.status, record?.body]).toEqual(['cut', '']);
  });

  test('cut before', async () => {
    const { outcome, record, state } = await struckBy({ kind: 'cut', when: 'before' });
    expect([outcome.failure, outcome.status, state]).toEqual(['ECONNRESET', undefined, 'living']);
    expect(record?.body).toContain(token);
  });

  test('cut during', async () => {
    const { outcome, state } = await struckBy({ kind: 'cut', when: 'during' });
    expect([outcome.failure, outcome.status, state]).toEqual(['ECONNRESET', 200, 'spent']);
    expect(outcome.body).toContain('{"access_token":"');
    expect(outcome.body).not.toContain('expires_in');
  });

  test('cut after', async () => {
    const { outcome, record, state } = await struckBy({ kind: 'cut', when: 'after' });
    expect([outcome.failure, outcome.status, state]).toEqual(['ECONNRESET', undefined, 'spent']);
    expect(record?.verdict).toContain('rotated to 2; connection reset, no byte answered');
  });

  test.each([
    ['before', 'living'],
    ['after', 'spent'],
  ] as const)('hang %s', async (when, expected) => {
    const { outcome } = await struckBy({ kind: 'hang', when }, 80);
    expect(outcome.failure).toBe('timeout');
    await expect.poll(() => cobo.requests.at(-1)?.verdict).toContain('not answered');
    expect(cobo.state(token)).toBe(expected);
  });

  test('closing ends what hangs', async () => {
    cobo.faults.add({ fault: { kind: 'hang', when: 'after' } });
    const pending = refresh(cobo, token);
    await expect.poll(() => cobo.requests.at(-1)?.verdict).toContain('not answered');
    await cobo.close();
    expect((await pending).failure).toBe('ECONNRESET');
  });
});

describe('faults that change the answer', () => {
  test.each(['before', 'after'] as const)('delay %s, also for a client that leaves', async (when) => {
    const { outcome, record, state } = await struckBy({ kind: 'delay', ms: 60, when });
    expect([outcome.status, state]).toEqual([200, 'spent']);
    expect(record?.ms).toBeGreaterThan(55);
    const next = tokensIn(outcome).refresh;
    cobo.faults.add({ fault: { kind: 'delay', ms: 100, when } });
    expect((await refresh(cobo, next, cobo.client, 30)).failure).toBe('timeout');
    await expect.poll(() => cobo.state(next)).toBe('spent');
    await expect.poll(() => cobo.requests.at(-1)?.verdict).toContain('the client had left');
  });

  test.each([
    ['before', false, 'living'],
    ['after', true, 'spent'],
  ] as const)('status %s, signed %s', async (when, signed, expected) => {
    const fault: Fault = {
      kind: 'status',
      status: 503,
      headers: { 'Retry-After': '2' },
      body: '<html>',
      when,
      signed,
    };
    const { outcome, state } = await struckBy(fault);
    expect([outcome.status, outcome.body, outcome.headers['retry-after'], state]).toEqual([
      503,
      '<html>',
      '2',
      expected,
    ]);
    expect('biz-resp-signature' in outcome.headers).toBe(signed);
  });

  test.each([true, false])('rewrite, signed again: %s', async (resign) => {
    const { outcome } = await struckBy({
      kind: 'rewrite',
      rewrite: (answer) => ({ ...answer, status: 201, body: '{}' }),
      resign,
    });
    expect([outcome.status, outcome.body, signedBy(outcome)]).toEqual([201, '{}', resign]);
  });

  test.each([
    ['unsigned', undefined],
    ['bad-signature', false],
    ['foreign-signature', false],
  ] as const)('%s', async (kind, expected) => {
    const { outcome, state } = await struckBy({ kind });
    expect([outcome.status, state, signedBy(outcome)]).toEqual([200, 'spent', expected]);
  });

  test('redirect', async () => {
    const { outcome, state } = await struckBy({
      kind: 'redirect',
      location: 'https://example.com/',
      status: 307,
    });
    expect([outcome.status, outcome.headers.location, state]).toEqual([307, 'https://example.com/', 'living']);
  });

  test('flood', async () => {
    const { outcome, state } = await struckBy({ kind: 'flood', bytes: 3_000_001 });
    expect([outcome.status, outcome.body.length, state]).toEqual([200, 3_000_001, 'living']);
  });

  function signedBy(outcome: { headers: Record<string, unknown>; body: string }): boolean | undefined {
    const signature = outcome.headers['biz-resp-signature'];
    if (typeof signature !== 'string') return undefined;
    const text = Buffer.from(`${outcome.body}|${String(outcome.headers['biz-timestamp'])}`);
    return verifies(text, signature, cobo.responsePublicKeyHex);
  }
});

test('hooks run before and after, and hand over to another fault', async () => {
  const seen: string[] = [];
  const look = () => void seen.push(cobo.state(token));
  const cutAfter: Fault = { kind: 'cut', when: 'after' };
  const inner: Fault = { kind: 'hook', when: 'after', run: look, next: cutAfter };
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: look, next: inner } });
  expect((await refresh(cobo, token)).failure).toBe('ECONNRESET');
  expect(seen).toEqual(['living', 'spent']);
});

test('rules are used in order, may skip, and end', () => {
  const book = new FaultBook();
  const first = book.add({ match: { path: /^\/a/g }, skip: 1, times: 2, fault: { kind: 'refuse' } });
  book.add({ match: { method: 'put' }, times: Number.POSITIVE_INFINITY, fault: { kind: 'unsigned' } });
  const kinds = ['GET /a', 'PUT /a', 'PUT /b', 'PUT /a', 'PUT /a', 'GET /a'].map((line) => {
    const [method = '', path = ''] = line.split(' ');
    return book.take(method, path)?.kind;
  });
  expect(kinds).toEqual([undefined, 'refuse', 'unsigned', 'refuse', 'unsigned', undefined]);
  expect([first.fired, book.pending]).toEqual([2, 1]);
});

test('latency is added, and the peak of requests counted', async () => {
  cobo.latencyMs = 40;
  let go: () => void = () => undefined;
  const allInHand = new Promise<void>((resolve) => {
    go = resolve;
  });
  let inHand = 0;
  const run = async () => {
    inHand += 1;
    if (inHand === 5) go();
    await allInHand;
  };
  cobo.faults.add({ times: 5, fault: { kind: 'hook', when: 'before', run } });
  const started = performance.now();
  const tokens = Array.from({ length: 5 }, () => cobo.issueRefreshToken());
  const answers = await Promise.all(tokens.map((one) => refresh(cobo, one)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(performance.now() - started).toBeGreaterThan(38);
  expect(cobo.maxInFlight).toBe(5);
});

describe('GitHub', () => {
  const path = '/repos/octo/app/actions/secrets';
  let github: GitHubEmulator;

  beforeEach(async () => {
    github = await startGitHub();
    github.addRepository('octo/app');
    github.addToken({ token: TOKEN, grants: [{ repo: 'octo/app', secrets: 'write' }] });
  });

  afterEach(() => github.close());

  test('rotate-key strikes right before the PUT', async () => {
    github.faults.add({ match: { method: 'PUT' }, fault: { kind: 'rotate-key' } });
    const old = await sealed(github, path, 'x');
    expect((await call(github, `PUT ${path}/A`, old)).status).toBe(422);
    expect((await call(github, `PUT ${path}/A`, await sealed(github, path, 'x'))).status).toBe(201);
  });

  test('an answer without a body is cut in its headers', async () => {
    github.setSecret('repository@octo/app', 'A', 'old');
    github.faults.add({ match: { method: 'PUT' }, fault: { kind: 'cut', when: 'during' } });
    const outcome = await call(github, `PUT ${path}/A`, await sealed(github, path, 'new'));
    expect(outcome.failure).toBeDefined();
    expect(outcome.status).toBeUndefined();
    expect(github.secretValue('repository@octo/app', 'A')).toBe('new');
  });
});
