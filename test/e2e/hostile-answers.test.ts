import { describe, expect } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { SECRET, STORE } from '../../emulators/stage.ts';
import { asked, expectFailure, expectSuccess, it, named } from './support/scenario.ts';

const signed = (status: number, body: string): Fault => {
  return {
    kind: 'status',
    status,
    headers: { 'content-type': 'application/json' },
    body,
    when: 'before',
    signed: true,
  };
};
/** Changes the fields of Cobo's real answer, and signs it again. */
const fields = (changes: Record<string, unknown>): Fault => ({
  kind: 'rewrite',
  resign: true,
  rewrite: (answer) => ({
    ...answer,
    body: JSON.stringify({ ...(JSON.parse(answer.body) as Record<string, unknown>), ...changes }),
  }),
});

describe('an answer of Cobo stays within limits:', () => {
  const LIMITS: { name: string; fault: Fault; says: string }[] = [
    { name: 'one of 256 MB is not read', fault: { kind: 'flood', bytes: 256e6 }, says: 'larger than' },
    {
      name: 'one that drips for ever is left',
      fault: { kind: 'drip', everyMs: 100 },
      says: 'no answer within 2 s',
    },
    {
      name: 'one that never comes is left',
      fault: { kind: 'hang', when: 'before' },
      says: 'no answer within 2 s',
    },
  ];
  it.concurrent.for(named(LIMITS))('%s', async ([, { fault, says }], { open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault });
    // Without write-back, so that the limit strikes nothing else on a machine that is busy.
    const limit = says.includes('2 s') ? { 'timeout-seconds': '2' } : {};
    const result = await stage.run({ ...limit, 'max-attempts': '1', 'refresh-token-secret': undefined });
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-lost',
      says: ['was sent, but no answer arrived', says],
      remedy: 'Run the job again',
    });
  });

  it.concurrent.for([301, 302, 303, 307, 308])(
    'a redirect (%i) is not followed',
    async (status, { open }) => {
      const stage = await open();
      const elsewhere = await open();
      const location = `${elsewhere.cobo.url}/oauth/token`;
      stage.cobo.faults.add({ fault: { kind: 'redirect', location, status } });
      const result = await stage.run();
      expectFailure(stage, result, {
        state: 'unknown',
        code: 'cobo-refused',
        says: [`HTTP ${status}`],
        remedy: '`api-url`',
      });
      expect(asked(stage.cobo)).toHaveLength(1);
      expect(elsewhere.cobo.requests).toEqual([]);
    },
  );
});

describe('a success with a wrong type in a field hands out no access token, and keeps the refresh token:', () => {
  const WRONG: [field: string, values: unknown[]][] = [
    ['access_token', [null, '', '  ', 5, true, [], {}, ['token']]],
    ['token_type', [null, '', 'mac', 5, ['Bearer'], {}]],
    ['scope', [5, [], {}, true]],
    ['expires_in', [null, '43199', 0, -1, 1.5, 1e99, true, [43199]]],
  ];
  const rows = WRONG.flatMap(([field, values]) =>
    values.map((value): [string, unknown, string] => [field, value, JSON.stringify(value)]),
  );
  it.concurrent.for(rows)('`%s` = %j', async ([field, value], { open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: fields({ [field]: value }) });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'stored',
      code: 'answer-malformed',
      says: [`\`${field}\``, 'signed but malformed'],
      remedy: 'Please report it',
    });
    expect(result.outputs['access-token']).toBeUndefined();
  });

  it.concurrent('the row of the table: a field is missing [recovery: answer-malformed]', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: fields({ access_token: undefined }) });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'stored',
      code: 'answer-malformed',
      says: ['`access_token` is not a string with something in it'],
      remedy: 'No access token was handed out.',
    });
  });

  it.concurrent('and hands the refresh token out where it is not stored', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: fields({ expires_in: 'soon' }) });
    const result = await stage.run({ 'refresh-token-secret': undefined });
    expectFailure(stage, result, {
      state: 'delivered',
      code: 'answer-malformed',
      says: ['`expires_in`'],
      remedy: 'Please report it',
    });
    expect(result.outputs['access-token']).toBeUndefined();
  });
});

describe('a success without a refresh token that can be read', () => {
  it.concurrent.for([5, true, ['token'], { token: 'x' }])(
    '(%j) leaves the state unknown',
    async (value, { open }) => {
      const stage = await open();
      stage.cobo.faults.add({ fault: fields({ refresh_token: value }) });
      const result = await stage.run();
      expectFailure(stage, result, {
        state: 'unknown',
        code: 'answer-malformed',
        says: ['`refresh_token` is not a string'],
        remedy: 'Please report it',
      });
      expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
    },
  );

  it.concurrent.for(['null', '[]', '"token"', '5', 'no JSON', '', '{"a":', '[{"access_token":"x"}]'])(
    '(%s) leaves the state unknown',
    async (body, { open }) => {
      const stage = await open();
      stage.cobo.faults.add({ fault: signed(200, body) });
      const result = await stage.run();
      expectFailure(stage, result, {
        state: 'unknown',
        code: 'answer-malformed',
        says: ['signed but malformed'],
        remedy: 'Please report it',
      });
    },
  );

  it.concurrent.for([
    '{"__proto__":{"access_token":"polluted-token","token_type":"Bearer","expires_in":60,"refresh_token":"polluted"}}',
    '{"constructor":{"prototype":{"access_token":"polluted-token","refresh_token":"polluted"}}}',
  ])('borrows none from a prototype: %s', async (body, { open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: signed(200, body) });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-malformed',
      says: ['`access_token`'],
      remedy: 'Please report it',
    });
    expect(result.outputs['access-token']).toBeUndefined();
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
  });
});

/** What an answer could try with the log that it is printed to. */
const EVIL = [
  '\n::error::pwned',
  '\r\n::set-output name=access-token::pwned',
  '\u2028::add-mask::a',
  '\u001b[2J\u0007',
  '##[error]pwned',
  '\n::stop-commands::x',
  '%0A::error::pwned',
  '\u202egnp.exe',
].join(' ');

describe('text from an answer that reaches the log is harmless:', () => {
  const TEXTS: { name: string; body: (token: string) => object }[] = [
    { name: "OAuth's error", body: () => ({ error: `evil${EVIL}` }) },
    {
      name: "OAuth's description",
      body: () => ({ error: 'invalid_scope', error_description: EVIL.repeat(50) }),
    },
    {
      name: "the API's message and error ID",
      body: () => ({ error_code: 1006, error_message: EVIL, error_id: EVIL }),
    },
    {
      name: 'a description that repeats the refresh token',
      body: (token) => ({
        error: 'invalid_scope',
        error_description: `the token ${token} ("${token.slice(0, 30)}")`,
      }),
    },
  ];
  it.concurrent.for(named(TEXTS))('%s', async ([, { body }], { open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: signed(400, JSON.stringify(body(stage.refreshToken))) });
    const result = await stage.run({}, { debug: true });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-refused',
      says: ['Cobo answered HTTP 400'],
      remedy: /./,
    });
    const [{ message } = { message: '' }] = result.annotations;
    expect(message.length).toBeLessThan(1200);
    for (const text of [result.log, message, result.rawSummary]) {
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029\u202e]/);
    }
    expect(Object.keys(result.outputs).sort()).toEqual(['app-key', 'token-state']);
    expect(
      result.rawLog.split('\n').filter((line) => /^\s*::(error|set-output|stop-commands)/.test(line)),
    ).toHaveLength(1);
  });

  it.concurrent("GitHub's message", async ({ open }) => {
    const stage = await open();
    const body = JSON.stringify({ message: `${EVIL} ${stage.writer}` });
    const fault: Fault = { kind: 'status', status: 403, body, when: 'before' };
    stage.github.faults.add({ match: { path: /public-key$/ }, fault });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-refused',
      says: ['HTTP 403'],
      remedy: '"Secrets: write"',
    });
  });
});

describe('an answer of GitHub stays within limits:', () => {
  const KEY = { path: /public-key$/ };
  const ANSWERS: { name: string; fault: Fault; code: string }[] = [
    { name: 'one of 256 MB is not read', fault: { kind: 'flood', bytes: 256e6 }, code: 'github-unavailable' },
    {
      name: 'one that drips for ever is left',
      fault: { kind: 'drip', everyMs: 100 },
      code: 'github-unavailable',
    },
    {
      name: 'a redirect is not followed',
      fault: { kind: 'redirect', location: 'http://127.0.0.1:9/', status: 307 },
      code: 'github-refused',
    },
    {
      name: 'a web page is no encryption key',
      fault: { kind: 'status', status: 200, body: '<html>', when: 'before' },
      code: 'github-refused',
    },
    {
      name: 'a key of the wrong length is no encryption key',
      fault: { kind: 'status', status: 200, body: '{"key_id":"1","key":"AAAA"}', when: 'before' },
      code: 'github-refused',
    },
  ];
  it.concurrent.for(named(ANSWERS))('%s', async ([, { fault, code }], { open }) => {
    const stage = await open();
    stage.github.faults.add({ match: KEY, fault, times: Number.POSITIVE_INFINITY });
    const limit = fault.kind === 'drip' ? { 'timeout-seconds': '3' } : {};
    const result = await stage.run({ ...limit, 'max-attempts': '1' });
    expectFailure(stage, result, {
      state: 'unspent',
      code,
      says: ['Reading the encryption key', `\`${STORE}\``],
      remedy: /./,
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});

describe('a token of any shape is masked, handed out and stored as it is:', () => {
  const SHAPES: [name: string, make: (kind: string, n: number) => string][] = [
    ['quotes', (kind, n) => `${kind}"${n}"'\`quoted'"tail-of-it`],
    ['line breaks', (kind, n) => `${kind}-line-one-${n}\nline-two-of-${kind}\n\nline-three-of-${kind}`],
    ['percent signs', (kind, n) => `${kind}%0A%25${n}%0D%3A::error::%`],
    ['letters beyond ASCII', (kind, n) => `${kind}-Ünïcödé-密钥-🔑-${n}`],
    ['workflow commands', (kind, n) => `::set-output name=x::${kind}${n}`],
    ['the delimiter of an output file', (kind, n) => `${kind}${n}\nghadelimiter_x\nEOF\nx<<EOF`],
    ['Markdown and HTML', (kind, n) => `|${kind}|<b>${n}</b>|\`\`\`|& more`],
    ['ten thousand characters', (kind, n) => `${kind}${n}`.padEnd(10_000, 'abcdefghij')],
  ];
  it.concurrent.for(SHAPES)('%s', async ([, tokenMaker], { open }) => {
    const stage = await open({ cobo: { tokenMaker } });
    const changes = { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'access-token-env': 'COBO_TOKEN' };
    const result = await stage.run(changes, { debug: true });
    expectSuccess(stage, result, { state: 'stored' });
    const stored = stage.github.secretValue(STORE, SECRET) ?? '';
    const issued = stage.cobo.history.at(-1)?.issued;
    expect(stored).toBe(issued?.refreshToken);
    expect(stage.github.secretValue(STORE, 'COBO_ACCESS_TOKEN')).toBe(issued?.accessToken);
    expect(result.outputs['access-token']).toBe(issued?.accessToken);
    expect(result.outputs).not.toHaveProperty('x');

    // And Cobo takes it, so nothing was lost on the way through GitHub.
    const delivered = await stage.run({ 'refresh-token': stored, 'refresh-token-secret': undefined });
    expectSuccess(stage, delivered, { state: 'delivered', used: stored });
  });

  it.concurrent('and opens again from an envelope', async ({ open }) => {
    const stage = await open({ cobo: { tokenMaker: (kind, n) => `first-line-${kind}\n"密钥"%0A${n}` } });
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const failed = await stage.run();
    const result = await stage.run({ 'recovery-envelope': failed.outputs['recovery-envelope'] });
    expectSuccess(stage, result, { state: 'stored' });
  });
});
