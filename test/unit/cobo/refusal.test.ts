import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, carrying, cutOff, noAnswer, refusal, untrusted } from '../../../src/cobo/refusal.ts';
import type { VerifiedAnswer } from '../../../src/cobo/verification.ts';
import { ActionError } from '../../../src/errors.ts';
import { TransportError } from '../../../src/http.ts';
import { RUNS } from './support.ts';

const NOW = Date.UTC(2026, 7, 1);
const ASKED: Asked = { operation: 'refresh_token', known: 'refresh-1', open: false, nonceRefused: false };
const FOR_ORGANIZATION: Asked = { ...ASKED, operation: 'org_implicit' };

type Signature = VerifiedAnswer['signature'];

function refuse(
  status: number,
  body: unknown,
  signature: Signature = 'valid',
  asked: Asked = ASKED,
  headers: Record<string, string> = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return refusal({ status, headers, text, signature, signedAt: NOW }, asked, NOW);
}

/** What a refusal says, as one text. */
function said(...args: Parameters<typeof refuse>): string {
  return refuse(...args).error.message;
}

function remedyFor(...args: Parameters<typeof refuse>): string {
  return refuse(...args).error.remedy;
}

const UNSIGNED = ' The answer is not signed, so it comes from a proxy or firewall in front of Cobo.';
const PAGE = '<!DOCTYPE html>\n<h1>Blocked</h1>';
const DEAD = { error: 'invalid_grant', error_description: 'Token is used.' };

describe('what a refusal says', () => {
  it('is an error for people', () => {
    expect(refuse(400, {}).error).toBeInstanceOf(ActionError);
  });

  it.each([
    [
      'an OAuth error with its description',
      { error: 'invalid_client', error_description: 'Unknown client.' },
      'Cobo answered HTTP 400, invalid_client: Unknown client.',
    ],
    ['an OAuth error by itself', { error: 'invalid_client' }, 'Cobo answered HTTP 400, invalid_client.'],
    [
      'an OAuth error whose description is no text',
      { error: 'invalid_client', error_description: {} },
      'Cobo answered HTTP 400, invalid_client.',
    ],
    [
      'an OAuth error that ends in many dots',
      { error: 'invalid_client', error_description: 'Unknown. client. . ..' },
      'Cobo answered HTTP 400, invalid_client: Unknown. client.',
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
    ['an object of another kind', { message: 'no' }, 'Cobo answered HTTP 400.'],
    ['an array', ['x'], 'Cobo answered HTTP 400.'],
    ['nothing', '', 'Cobo answered HTTP 400.'],
    ['a web page', PAGE, 'Cobo answered HTTP 400 with a web page.'],
    ['a text with a bracket in it', 'less < more', 'Cobo answered HTTP 400.'],
    ['fields that come by the prototype', '{"__proto__":{"error":"invalid_grant"}}', 'Cobo answered HTTP 400.'],
  ])('for %s', (_what, body, message) => {
    expect(said(400, body)).toBe(message);
  });

  it('names the grant where it was not asked with the refresh token', () => {
    expect(said(400, DEAD, 'valid', FOR_ORGANIZATION)).toBe(
      'Cobo answered `org_implicit` with HTTP 400, invalid_grant: Token is used.',
    );
  });

  it('says that it does not come from Cobo when it is not signed', () => {
    expect(said(403, PAGE, 'missing')).toBe(`Cobo's address answered HTTP 403 with a web page.${UNSIGNED}`);
    expect(said(503, '', 'missing', FOR_ORGANIZATION)).toBe(`Cobo's address answered HTTP 503.${UNSIGNED}`);
  });

  it('says so when the signature is wrong', () => {
    expect(said(400, { error: 'invalid_grant' }, 'invalid')).toBe(
      "The signature on Cobo's answer is wrong: HTTP 400, invalid_grant.",
    );
  });
});

describe('what kind of failure a refusal is', () => {
  it.each([
    ['a signed refusal', 400, { error: 'invalid_client' }, 'valid', 'cobo-refused', { open: false }],
    ['a signed refusal of the API', 401, { error_code: 2024 }, 'valid', 'cobo-refused', { open: false }],
    ['a signed redirect', 302, '', 'valid', 'cobo-refused', { open: false }],
    ['the last status of a refusal, signed', 499, '', 'valid', 'cobo-refused', { open: false }],
    ['an unsigned refusal', 403, PAGE, 'missing', 'cobo-refused', { open: false }],
    ['the first status of a refusal, unsigned', 400, PAGE, 'missing', 'cobo-refused', { open: false }],
    ['a time limit of a load balancer', 408, PAGE, 'missing', 'cobo-refused', { open: false }],
    ['an unsigned redirect', 302, '', 'missing', 'cobo-refused', { open: true }],
    ['the last status below a refusal, unsigned', 399, '', 'missing', 'cobo-refused', { open: true }],
    ['a dead token, signed', 400, DEAD, 'valid', 'token-dead', { open: false, refused: 'token' }],
    ['a dead token, unsigned', 400, DEAD, 'missing', 'cobo-refused', { open: false }],
    ['a dead token, wrongly signed', 400, DEAD, 'invalid', 'answer-untrusted', { open: true }],
    ['too many requests, signed', 429, { error_code: 2026 }, 'valid', 'cobo-unavailable', { open: false, again: {} }],
    ['too many requests, unsigned', 429, PAGE, 'missing', 'cobo-unavailable', { open: false, again: {} }],
    ['too many requests, wrongly signed', 429, PAGE, 'invalid', 'answer-untrusted', { open: true }],
    ['a failure within, signed', 500, { error_code: 1000 }, 'valid', 'cobo-unavailable', { open: true, again: {} }],
    ['a failure within, unsigned', 502, PAGE, 'missing', 'cobo-unavailable', { open: true, again: {} }],
    ['a failure within, wrongly signed', 503, PAGE, 'invalid', 'answer-untrusted', { open: true }],
    ['a dead token with the status of a failure', 500, DEAD, 'valid', 'cobo-unavailable', { open: true, again: {} }],
    [
      'a dead token with the status of too many requests',
      429,
      DEAD,
      'valid',
      'cobo-unavailable',
      { open: false, again: {} },
    ],
  ] as const)('%s', (_what, status, body, signature, code, facts) => {
    const { error, ...rest } = refuse(status, body, signature);
    expect({ code: error.code, ...rest }).toStrictEqual({ code, ...facts });
  });

  it('is a lost answer where a dead token follows one', () => {
    const { error, ...facts } = refuse(400, DEAD, 'valid', { ...ASKED, open: true });
    expect(error).toMatchObject({
      code: 'answer-lost',
      message:
        'An answer of Cobo was lost. Cobo says that the refresh token is not valid: HTTP 400, invalid_grant: Token is used. The lost answer probably held the new one.',
      remedy:
        'To go on, set `org-id` to obtain a fresh pair, or have the organization install the app again (docs/recovery.md, "Start over").',
    });
    expect(facts).toStrictEqual({ open: false, refused: 'token' });
  });

  it.each([true, false])('says nothing about a token that was not sent (an answer was lost: %s)', (open) => {
    const { error, ...facts } = refuse(400, DEAD, 'valid', { ...FOR_ORGANIZATION, open });
    expect(error).toMatchObject({
      code: 'cobo-refused',
      remedy: 'Check `org-id`, and that this organization has the app installed.',
    });
    expect(facts).toStrictEqual({ open: false });
  });

  it.each([
    ['seconds', '7', { afterMs: 7000 }],
    ['a date', 'Sat, 01 Aug 2026 00:00:30 GMT', { afterMs: 30_000 }],
    ['nonsense', 'soon', {}],
  ])('passes on how long to wait: %s', (_what, header, again) => {
    expect(refuse(503, PAGE, 'missing', ASKED, { 'retry-after': header }).again).toStrictEqual(again);
  });

  it('is final with a Retry-After but a status that is not tried again', () => {
    expect(refuse(403, PAGE, 'missing', ASKED, { 'retry-after': '7' }).again).toBeUndefined();
  });
});

describe('a refused nonce', () => {
  const REMEDY =
    "Check that the runner's clock is right and that no proxy changes the request. Two processes that use this `private-key` at the same time may have shared a nonce: re-run the job.";

  it.each([
    ['by its code', { error_code: 2023, error_message: 'Signature is wrong.' }],
    ['by its code as a text', { error_code: '2023' }],
    ['by a message', { error_code: 2006, error_message: 'The Nonce was used before.' }],
    ['by a description', { error: 'invalid_request', error_description: 'nonce expired' }],
    ['by an OAuth error', { error: 'invalid_nonce' }],
  ])('is told %s, and replaced at once', (_what, body) => {
    const { error, ...facts } = refuse(401, body);
    expect(error).toMatchObject({ code: 'cobo-refused', remedy: REMEDY });
    expect(facts).toStrictEqual({ open: false, again: { afterMs: 0 }, refused: 'nonce' });
  });

  it('is final the second time', () => {
    const { error, again, refused } = refuse(401, { error_code: 2023 }, 'valid', {
      ...ASKED,
      nonceRefused: true,
    });
    expect({ remedy: error.remedy, again, refused }).toEqual({
      remedy: REMEDY,
      again: undefined,
      refused: 'nonce',
    });
  });

  it.each([
    ['unsigned', 'missing', { error_code: 2023 }],
    ['with another code', 'valid', { error_code: 20231 }],
    ['with the word elsewhere', 'valid', { message: 'nonce' }],
  ] as const)('is none %s', (_what, signature, body) => {
    expect(refuse(401, body, signature)).not.toHaveProperty('refused');
  });
});

describe('what to do after a refusal', () => {
  const CLIENT =
    'Check that `client-id` belongs to the app of this `private-key`, in the environment of `cobo-environment`.';
  const REPORT = 'This is likely a defect of the action, or a change at Cobo: please report it.';
  const LATER = 'Re-run the job later.';
  const SUPPORT = `${LATER} If it keeps failing, give Cobo's support the error ID.`;
  const TOO_MANY = 'Too many requests: re-run the job later, and run it less often.';

  it.each([
    [1000, SUPPORT],
    [1003, REPORT],
    [1006, CLIENT],
    [2000, SUPPORT],
    [2003, REPORT],
    [2006, CLIENT],
    [2010, TOO_MANY],
    [2021, 'Check `api-url`: it must end in `/v2`.'],
    [2022, 'A header was missing when the request arrived: check that no proxy removes the `Biz-Api-*` headers.'],
    [
      2024,
      "Check in Cobo Portal that the app key of this `private-key` is registered and active in the environment of `cobo-environment`, and that no IP allowlist blocks the runner (GitHub's hosted runners have changing addresses).",
    ],
    [2025, CLIENT],
    [2026, TOO_MANY],
    [2028, 'Check `api-url`, `client-id` and `org-id`.'],
    [4001, CLIENT],
    [10000, 'The organization is read-only at the moment: ask its administrators.'],
    [9999, CLIENT],
  ])('with the error code %i', (code, remedy) => {
    expect(remedyFor(400, { error_code: code })).toBe(remedy);
  });

  it.each([
    ['invalid_client', CLIENT],
    [
      'unauthorized_client',
      'The app may not use this grant, or `client-id` belongs to another app. If the ID is right, have the organization install the app again (docs/recovery.md, "Start over").',
    ],
    ['access_denied', CLIENT],
    ['invalid_request', REPORT],
    ['invalid_scope', REPORT],
    [
      'unsupported_grant_type',
      'Cobo does not offer this grant to the app. Remove `org-id`, so that only `refresh_token` is used.',
    ],
    ['toString', CLIENT],
    [['invalid_request'], CLIENT],
  ])('with the OAuth error %s', (error, remedy) => {
    expect(remedyFor(400, { error })).toBe(remedy);
  });

  it('with a dead token', () => {
    expect(refuse(400, DEAD).error).toMatchObject({
      message: 'Cobo says that the refresh token is not valid: HTTP 400, invalid_grant: Token is used.',
      remedy:
        'Did an earlier run end as `sealed`? Then run the workflow with the envelope as `recovery-envelope`. Has another run rotated the token? Then re-run the job. Otherwise set `org-id` to obtain a fresh pair, or have the organization install the app again (docs/recovery.md, "Start over").',
    });
  });

  it.each([
    ['no code that is known', { error_code: 9999 }, 'valid', LATER],
    ['a code of its own', { error_code: 2024 }, 'valid', remedyFor(400, { error_code: 2024 })],
    ['no code at all', PAGE, 'valid', LATER],
    ['a code that is not signed', { error_code: 2024 }, 'missing', LATER],
  ] as const)('with a failure within, and %s', (_what, body, signature, remedy) => {
    expect(remedyFor(500, body, signature)).toBe(remedy);
  });

  it('with an unsigned refusal looks at what is between', () => {
    expect(remedyFor(403, { error_code: 2024 }, 'missing')).toBe(
      'Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request. Then re-run the job.',
    );
  });

  it('with a wrong signature looks at environment and key', () => {
    expect(remedyFor(400, {}, 'invalid')).toBe(
      'Check `cobo-environment`, and `response-public-key` and `api-url` if they are set. If they are right, something between the runner and Cobo changes answers: find out what before you re-run the job.',
    );
  });
});

describe('an answer that does not count', () => {
  it('is untrusted', () => {
    const { error, ...facts } = untrusted("Cobo's answer is not signed.");
    expect(error).toMatchObject({ code: 'answer-untrusted', message: "Cobo's answer is not signed." });
    expect(error.remedy).toMatch(/^Check `cobo-environment`.*find out what before you re-run the job\.$/);
    expect(facts).toStrictEqual({ open: true });
  });

  it.each([
    [
      false,
      'answer-untrusted',
      /^Check `cobo-environment`.*find out what first\. Then run the workflow with the envelope as `recovery-envelope`\.$/,
    ],
    [
      true,
      'answer-lost',
      /^Check the network and the proxy of the runner\. Then run the workflow with the envelope as `recovery-envelope`\.$/,
    ],
  ])('gives up the refresh token in it (cut off: %s)', (isCutOff, code, remedy) => {
    const { error, ...facts } = carrying('refresh-2', 'It is so.', isCutOff);
    expect(error).toMatchObject({ code, message: 'It is so.', remedy: expect.stringMatching(remedy) });
    expect(facts).toStrictEqual({ open: true, carried: 'refresh-2' });
    expect(JSON.stringify([error, Object.entries(error), error.stack, error.message])).not.toContain('refresh-2');
  });
});

describe('a request without an answer', () => {
  const START_OVER =
    'set `org-id` to obtain a fresh pair, or have the organization install the app again (docs/recovery.md, "Start over").';

  it('may be spent when it was sent', () => {
    const cause = new TransportError('the connection was cut', true);
    const { error, ...facts } = noAnswer(cause, ASKED);
    expect(error).toMatchObject({
      code: 'answer-lost',
      message: 'The request was sent to Cobo, but no answer arrived: the connection was cut.',
      remedy: `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`,
      cause,
    });
    expect(facts).toStrictEqual({ open: true, again: {} });
  });

  it('says so when a part of the answer arrived', () => {
    const partial = { status: 200, headers: {}, body: Buffer.alloc(0) };
    const cause = new TransportError('timed out after 30 s', true, { partial });
    const message = "Cobo's answer did not arrive whole: timed out after 30 s.";
    expect(noAnswer(cause, FOR_ORGANIZATION).error).toMatchObject({
      code: 'answer-lost',
      message,
      remedy: 'Check the network and the proxy of the runner. Then re-run the job.',
    });
    expect(cutOff(cause)).toBe(message);
  });

  it('is unspent when it was not sent', () => {
    const cause = new TransportError('the connection was refused', false);
    const { error, ...facts } = noAnswer(cause, ASKED);
    expect(error).toMatchObject({
      code: 'cobo-unavailable',
      message: 'Cobo cannot be reached: the connection was refused.',
      remedy: 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.',
      cause,
    });
    expect(facts).toStrictEqual({ open: false, again: {}, unsent: true });
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

  it.each(FIELDS)('%s cannot begin a line, command a runner, or hold a token', (_name, body) => {
    const token = 'S3cret'.repeat(20);
    const message = said(400, body(`x\r\n::stop-commands::y\n##[z]\x1b[2Jb\0\u202ec ${token}`));
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]|##\[|::|S3cretS3cret/u);
  });

  it.each([
    ['error', 60],
    ['error_description', 200],
    ['error_code', 20],
    ['error_message', 200],
    ['error_id', 64],
  ])('%s is cut to %i characters', (name, limit) => {
    const [, body] = FIELDS.find(([field]) => field === name) ?? [];
    const message = said(400, body?.('w '.repeat(10_000)) ?? {});
    const cut = /(w w [w ]*…)/.exec(message)?.[1] ?? '';
    expect(cut.length).toBe(limit);
  });

  it('is one clean line for any body at all', () => {
    const text = fc.string({ unit: 'binary', maxLength: 100 });
    const field = fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 }));
    const names = fc.constantFrom('error', 'error_description', 'error_code', 'error_message', 'error_id');
    const status = fc.constantFrom(301, 400, 401, 403, 414, 429, 500, 503);
    const verdict = fc.constantFrom<Signature>('valid', 'missing', 'invalid');
    fc.assert(
      fc.property(status, fc.oneof(fc.dictionary(names, field), text), verdict, (code, body, signature) => {
        const { error } = refuse(code, body, signature);
        expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(error.message).toMatch(/^(Cobo|The signature on Cobo).*\.$/);
        expect(error.message.length).toBeLessThan(500);
        expect(error.remedy).toMatch(/\.$/);
      }),
      RUNS,
    );
  });
});
