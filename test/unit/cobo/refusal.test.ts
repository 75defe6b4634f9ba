import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoboFailure } from '../../../src/cobo/failure.ts';
import { refusal } from '../../../src/cobo/refusal.ts';
import type { SignatureVerdict } from '../../../src/cobo/verification.ts';
import { ActionError } from '../../../src/errors.ts';
import { unsigned } from './fake-cobo.ts';

const NOW = Date.UTC(2026, 7, 1);

function refuse(
  status: number,
  body: unknown,
  signature: SignatureVerdict = 'valid',
  headers: Record<string, string> = {},
): CoboFailure {
  return refusal(unsigned(status, body, headers), signature, NOW);
}

const UNSIGNED = ' (not signed, so from a proxy or firewall in front of it)';
const PAGE = '<!DOCTYPE html>\n<h1>Blocked</h1>';

describe('what a refusal says', () => {
  it('is an error for people', () => {
    expect(refuse(400, {})).toBeInstanceOf(ActionError);
  });

  it.each([
    [
      'an OAuth error with its description',
      { error: 'invalid_grant', error_description: 'Token is used.' },
      'Cobo answered HTTP 400, invalid_grant: Token is used.',
    ],
    ['an OAuth error by itself', { error: 'invalid_client' }, 'Cobo answered HTTP 400, invalid_client.'],
    [
      'an OAuth error whose description is no text',
      { error: 'invalid_client', error_description: {} },
      'Cobo answered HTTP 400, invalid_client.',
    ],
    [
      'an API error with all its fields',
      { error_code: 2024, error_message: 'Not registered.', error_id: 'e-1' },
      'Cobo answered HTTP 400, error code 2024: Not registered (error ID e-1).',
    ],
    [
      'an API error without an ID',
      { error_code: 2024, error_message: 'Not registered' },
      'Cobo answered HTTP 400, error code 2024: Not registered.',
    ],
    [
      'an API error without a message',
      { error_code: 2024, error_id: 'e-1' },
      'Cobo answered HTTP 400, error code 2024 (error ID e-1).',
    ],
    ['an API error whose code is a text', { error_code: '2024' }, 'Cobo answered HTTP 400, error code 2024.'],
    ['an object of another kind', { message: 'no' }, "Cobo's address answered HTTP 400."],
    ['an array', ['x'], "Cobo's address answered HTTP 400."],
    ['nothing', '', "Cobo's address answered HTTP 400."],
    ['a web page', PAGE, "Cobo's address answered HTTP 400 with a web page."],
  ])('for %s', (_what, body, message) => {
    expect(refuse(400, body).message).toBe(message);
  });

  it('does not believe fields that come by the prototype', () => {
    expect(refuse(400, '{"__proto__":{"error":"invalid_grant"}}')).toMatchObject({
      message: "Cobo's address answered HTTP 400.",
      facts: { effect: 'none' },
    });
  });

  it('names a proxy when the answer is not signed', () => {
    expect(refuse(403, PAGE, 'missing').message).toBe(
      `Cobo's address answered HTTP 403 with a web page${UNSIGNED}.`,
    );
  });

  it('says so when the signature is wrong', () => {
    expect(refuse(400, { error: 'invalid_grant' }, 'invalid').message).toBe(
      'Cobo answered HTTP 400, invalid_grant, and the signature on that answer is wrong.',
    );
  });
});

describe('what kind of failure a refusal is', () => {
  it.each([
    ['a signed refusal', 400, { error: 'invalid_client' }, 'valid', 'cobo-refused', { effect: 'none' }],
    ['a signed refusal of the API', 401, { error_code: 2024 }, 'valid', 'cobo-refused', { effect: 'none' }],
    ['a signed redirect', 302, '', 'valid', 'cobo-refused', { effect: 'none' }],
    ['an unsigned refusal', 403, PAGE, 'missing', 'cobo-refused', { effect: 'possible' }],
    ['an unsigned redirect', 302, '', 'missing', 'cobo-refused', { effect: 'possible' }],
    ["a proxy's refusal of a long address", 414, PAGE, 'missing', 'cobo-refused', { effect: 'none' }],
    [
      'a dead token, signed',
      400,
      { error: 'invalid_grant' },
      'valid',
      'token-dead',
      { effect: 'none', dead: true },
    ],
    [
      'a dead token, unsigned',
      400,
      { error: 'invalid_grant' },
      'missing',
      'cobo-refused',
      { effect: 'possible' },
    ],
    [
      'a dead token, wrongly signed',
      400,
      { error: 'invalid_grant' },
      'invalid',
      'answer-untrusted',
      { effect: 'possible', untrusted: true },
    ],
    [
      'too many requests, signed',
      429,
      { error_code: 2026 },
      'valid',
      'cobo-unavailable',
      { effect: 'none', tryAgain: {} },
    ],
    [
      'too many requests, unsigned',
      429,
      PAGE,
      'missing',
      'cobo-unavailable',
      { effect: 'none', tryAgain: {} },
    ],
    [
      'too many requests, wrongly signed',
      429,
      PAGE,
      'invalid',
      'answer-untrusted',
      { effect: 'possible', untrusted: true },
    ],
    [
      'a failure within, signed',
      500,
      { error_code: 1000 },
      'valid',
      'cobo-unavailable',
      { effect: 'possible', tryAgain: {} },
    ],
    [
      'a failure within, unsigned',
      502,
      PAGE,
      'missing',
      'cobo-unavailable',
      { effect: 'possible', tryAgain: {} },
    ],
    [
      'a failure within, wrongly signed',
      503,
      PAGE,
      'invalid',
      'answer-untrusted',
      { effect: 'possible', untrusted: true },
    ],
    [
      'a dead token with the status of a failure within',
      500,
      { error: 'invalid_grant' },
      'valid',
      'cobo-unavailable',
      { effect: 'possible', tryAgain: {} },
    ],
  ] as const)('%s', (_what, status, body, signature, code, facts) => {
    const failure = refuse(status, body, signature);
    expect({ code: failure.code, facts: failure.facts }).toEqual({ code, facts });
  });

  it.each([
    ['seconds', '7', { afterMs: 7000 }],
    ['a date', 'Sat, 01 Aug 2026 00:00:30 GMT', { afterMs: 30_000 }],
    ['nonsense', 'soon', {}],
  ])('passes on how long to wait: %s', (_what, header, tryAgain) => {
    expect(refuse(503, PAGE, 'missing', { 'retry-after': header }).facts.tryAgain).toEqual(tryAgain);
  });

  it('is final with a Retry-After but a status that is not tried again', () => {
    expect(refuse(403, PAGE, 'missing', { 'retry-after': '7' }).facts.tryAgain).toBeUndefined();
  });
});

describe('what to do after a refusal', () => {
  it.each([
    [1000, 'Run the job again later'],
    [1003, 'please report it'],
    [1006, 'Check that `client-id`'],
    [2000, 'Run the job again later'],
    [2003, 'please report it'],
    [2006, 'Check that `client-id`'],
    [2010, 'Too many requests'],
    [2021, 'it must end in `/v2`'],
    [2022, '`Biz-Api-*` headers'],
    [2023, "the runner's clock"],
    [2024, "GitHub's hosted runners have changing addresses"],
    [2025, 'Check that `client-id`'],
    [2026, 'Too many requests'],
    [2028, '`org-id`'],
    [4001, 'Check that `client-id`'],
    [10000, 'read-only'],
    [9999, 'Check that `client-id`'],
  ])('with the error code %i', (code, remedy) => {
    expect(refuse(400, { error_code: code }).remedy).toContain(remedy);
  });

  it.each([
    ['invalid_client', 'Check that `client-id`'],
    ['unauthorized_client', 'The app may not use this grant'],
    ['access_denied', 'Check that `client-id`'],
    ['invalid_request', 'please report it'],
    ['invalid_scope', 'please report it'],
    ['unsupported_grant_type', 'does not offer this grant'],
    ['toString', 'Check that `client-id`'],
  ])('with the OAuth error %s', (error, remedy) => {
    expect(refuse(400, { error }).remedy).toContain(remedy);
  });

  it.each([
    ['no code that is known', { error_code: 9999 }, 'Run the job again later'],
    ['a code of its own', { error_code: 2023 }, "the runner's clock"],
    ['no code at all', PAGE, 'Run the job again later'],
  ])('with a failure within, and %s', (_what, body, remedy) => {
    expect(refuse(500, body).remedy).toContain(remedy);
  });

  it('with an unsigned refusal looks at what is between', () => {
    expect(refuse(403, { error_code: 2024 }, 'missing').remedy).toBe(
      'Check `api-url`, and whether a proxy or firewall on the way to Cobo refuses the request.',
    );
  });

  it('with a wrong signature looks at environment and key', () => {
    expect(refuse(400, {}, 'invalid').remedy).toContain('`response-public-key`');
  });

  it('leaves a dead token to whoever knows the rest of the story', () => {
    expect(refuse(400, { error: 'invalid_grant' }).remedy).toBe('');
  });
});

describe('text of an answer in the message', () => {
  const FIELDS: [string, (text: string) => object][] = [
    ['error', (text) => ({ error: text })],
    ['error_description', (text) => ({ error: 'invalid_request', error_description: text })],
    ['error_code', (text) => ({ error_code: text })],
    ['error_message', (text) => ({ error_code: 2024, error_message: text })],
    ['error_id', (text) => ({ error_code: 2024, error_id: text })],
  ];

  it.each(FIELDS)('%s cannot begin a line', (_name, body) => {
    expect(refuse(400, body('x\r\n::stop-commands::y\n::add-mask::z')).message).not.toMatch(/[\r\n]/);
  });

  it.each(FIELDS)('%s cannot carry the older mark of a runner command', (_name, body) => {
    expect(refuse(400, body('##[stop-commands]x')).message).not.toContain('##[');
  });

  it.each(FIELDS)('%s cannot carry control characters', (_name, body) => {
    expect(refuse(400, body('a\x1b[2Jb\0\u202ec')).message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it.each(FIELDS)('%s cannot carry a run that may be a token', (_name, body) => {
    expect(refuse(400, body(`a ${'S3cret'.repeat(20)} b`)).message).not.toContain('S3cretS3cret');
  });

  it.each(FIELDS)('%s cannot make it endless', (_name, body) => {
    expect(refuse(400, body('word '.repeat(10_000))).message.length).toBeLessThan(400);
  });

  it('is one clean line for any body at all', () => {
    const text = fc.string({ unit: 'binary', maxLength: 100 });
    const field = fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 }));
    const names = fc.constantFrom('error', 'error_description', 'error_code', 'error_message', 'error_id');
    const status = fc.constantFrom(301, 400, 401, 403, 414, 429, 500, 503);
    const verdict = fc.constantFrom<SignatureVerdict>('valid', 'missing', 'invalid');
    fc.assert(
      fc.property(status, fc.oneof(fc.dictionary(names, field), text), verdict, (code, body, signature) => {
        const failure = refuse(code, body, signature);
        expect(failure).toBeInstanceOf(CoboFailure);
        expect(failure.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(failure.message.startsWith('Cobo')).toBe(true);
        expect(failure.message.length).toBeLessThan(500);
      }),
    );
  });
});
