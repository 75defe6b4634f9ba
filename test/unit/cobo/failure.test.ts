import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifiedAnswer } from '../../../src/cobo/answer.ts';
import { type Asked, carrying, cutOff, noAnswer, refusal, untrusted } from '../../../src/cobo/failure.ts';
import { TransportError } from '../../../src/http.ts';
import { RUNS } from './support.ts';

const NOW = Date.UTC(2026, 7, 1);
const ASKED: Asked = { operation: 'refresh_token', known: 'refresh-1', open: false, nonceRefused: false };
const FOR_ORGANIZATION: Asked = { ...ASKED, operation: 'org_implicit' };
const PAGE = '<!DOCTYPE html>\n<h1>Blocked</h1>';
const DEAD = { error: 'invalid_grant', error_description: 'Token is used.' };

type Signature = VerifiedAnswer['signature'];

function refuse(status: number, body: unknown, signature: Signature = 'valid', asked = ASKED, retryAfter?: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return refusal({ status, headers, text, signature, signedAt: NOW }, asked, NOW);
}

describe('what a refusal says', () => {
  it.each([
    [{ error: 'invalid_client', error_description: 'Unknown. client. . ..' }, ', invalid_client: Unknown. client'],
    [{ error: 'invalid_client' }, ', invalid_client'],
    [{ error: 'invalid_client', error_description: {} }, ', invalid_client'],
    [{ error_code: 2024, error_message: 'No.', error_id: 'e-1' }, ', error code 2024: No (error ID e-1)'],
    [{ error_code: '2024', error_message: 'No' }, ', error code 2024: No'],
    [{ error_code: 2024, error_id: 'e-1' }, ', error code 2024 (error ID e-1)'],
    [{ message: 'no' }, ''],
    [['x'], ''],
    ['', ''],
    [PAGE, ' with a web page'],
    ['less < more', ''],
    ['{"__proto__":{"error":"invalid_grant"}}', ''],
  ])('for %j', (body, details) => {
    const unsigned = 'The answer is not signed, so it comes from a proxy or firewall in front of Cobo.';
    expect(refuse(400, body).error.message).toBe(`Cobo answered HTTP 400${details}.`);
    expect(refuse(400, body, 'valid', FOR_ORGANIZATION).error.message).toBe(
      `Cobo answered \`org_implicit\` with HTTP 400${details}.`,
    );
    expect(refuse(503, body, 'missing').error.message).toBe(`Cobo's address answered HTTP 503${details}. ${unsigned}`);
    expect(refuse(400, body, 'invalid').error.message).toBe(
      `The signature on Cobo's answer is wrong: HTTP 400${details}.`,
    );
  });

  const NAMES = ['error', 'error_description', 'error_code', 'error_message', 'error_id'];
  it('is one clean line for any body at all, without a token', () => {
    const texts = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab\0\r\n\x1b\u2028\u202e:#[<') }),
      fc.constantFrom(`x\r\n::stop-commands::y\n##[z] ${'S3cret'.repeat(20)}`, 'w '.repeat(10_000)),
    );
    const values = fc.oneof(texts, fc.integer(), fc.constant(null), fc.array(texts, { maxLength: 2 }));
    const status = fc.constantFrom(301, 400, 403, 429, 500);
    const verdict = fc.constantFrom<Signature>('valid', 'missing', 'invalid');
    const bodies = fc.oneof(fc.dictionary(fc.constantFrom(...NAMES), values), texts);
    fc.assert(
      fc.property(status, bodies, verdict, (code, body, signature) => {
        const { message, remedy } = refuse(code, body, signature).error;
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[|::|S3cretS3cret/u);
        expect(message).toMatch(/^(Cobo|The signature on Cobo).*\.$/);
        expect(message.length).toBeLessThan(500);
        expect(remedy).toMatch(/\.$/);
      }),
      RUNS,
    );
  });

  it.each([
    ['error', {}, 60],
    ['error_description', { error: 'e' }, 200],
    ['error_code', {}, 20],
    ['error_message', { error_code: 1 }, 200],
    ['error_id', { error_code: 1 }, 64],
  ])('cuts %s', (name, others, limit) => {
    const { message } = refuse(400, { ...others, [name]: 'w '.repeat(10_000) }).error;
    expect(/w w [w ]*…/.exec(message)?.[0].length).toBe(limit);
  });
});

describe('what kind of failure a refusal is', () => {
  const AGAIN = { again: {} };
  it.each<[number, unknown, Signature, string, boolean, object?]>([
    [400, { error: 'invalid_client' }, 'valid', 'cobo-refused', false],
    [302, '', 'valid', 'cobo-refused', false],
    [499, '', 'valid', 'cobo-refused', false],
    [403, PAGE, 'missing', 'cobo-refused', false],
    [400, PAGE, 'missing', 'cobo-refused', false],
    [399, '', 'missing', 'cobo-refused', true],
    [400, DEAD, 'valid', 'token-dead', false, { refused: 'token' }],
    [400, DEAD, 'missing', 'cobo-refused', false],
    [400, DEAD, 'invalid', 'answer-untrusted', true],
    [429, { error_code: 2026 }, 'valid', 'cobo-unavailable', false, AGAIN],
    [429, DEAD, 'missing', 'cobo-unavailable', false, AGAIN],
    [429, PAGE, 'invalid', 'answer-untrusted', true],
    [500, DEAD, 'valid', 'cobo-unavailable', true, AGAIN],
    [502, PAGE, 'missing', 'cobo-unavailable', true, AGAIN],
    [503, PAGE, 'invalid', 'answer-untrusted', true],
  ])('%i %j, signature %s: %s (open: %s)', (status, body, signature, code, open, facts = {}) => {
    const { error, ...rest } = refuse(status, body, signature);
    expect({ code: error.code, ...rest }).toStrictEqual({ code, open, ...facts });
  });

  it.each([
    [503, '7', { afterMs: 7000 }],
    [429, 'Sat, 01 Aug 2026 00:00:30 GMT', { afterMs: 30_000 }],
    [503, 'soon', {}],
    [403, '7', undefined],
  ])('passes on how long to wait: %i with %s', (status, header, again) => {
    expect(refuse(status, PAGE, 'missing', ASKED, header).again).toEqual(again);
  });

  it.each([
    [{ error_code: 2023, error_message: 'Signature is wrong.' }, true],
    [{ error_code: '2023' }, true],
    [{ error_code: 2006, error_message: 'The Nonce was used before.' }, true],
    [{ error: 'invalid_request', error_description: 'nonce expired' }, true],
    [{ error: 'invalid_nonce' }, true],
    [{ error_code: 20231 }, false],
    [{ message: 'nonce' }, false],
  ])('a refused nonce is replaced at once, and once: %j', (body, isNonce) => {
    const first = refuse(401, body);
    expect(first.refused).toBe(isNonce ? 'nonce' : undefined);
    expect(first.again).toEqual(isNonce ? { afterMs: 0 } : undefined);
    expect(first.error.remedy.startsWith("Check that the runner's clock is right")).toBe(isNonce);
    expect(first).toMatchObject({ open: false, error: { code: 'cobo-refused' } });
    const second = refuse(401, body, 'valid', { ...ASKED, nonceRefused: true });
    expect([second.refused, second.again]).toEqual([first.refused, undefined]);
    expect(refuse(401, body, 'missing').refused).toBeUndefined();
  });
});

const INSTALL = 'have the organization install the app again (docs/recovery.md, "Start over").';
const START_OVER = `set \`org-id\` to obtain a fresh pair, or ${INSTALL}`;
const USE_ENVELOPE = 'run the workflow with the envelope as `recovery-envelope`.';
const FIND_CAUSE = /^Check `cobo-environment`, and .* changes answers: find out what before you re-run the job\.$/;

describe('a dead token', () => {
  it('is told with all ways out', () => {
    const { error } = refuse(400, DEAD);
    expect([error.message, error.remedy]).toEqual([
      'Cobo says that the refresh token is not valid: HTTP 400, invalid_grant: Token is used.',
      `Did an earlier run end as \`sealed\`? Then ${USE_ENVELOPE} Has another run rotated the token? Then re-run the job. Otherwise ${START_OVER}`,
    ]);
  });

  it('is a lost answer where one came before', () => {
    const { error, ...facts } = refuse(400, DEAD, 'valid', { ...ASKED, open: true });
    expect([error.code, error.message, error.remedy]).toEqual([
      'answer-lost',
      'An answer of Cobo was lost. Cobo says that the refresh token is not valid: HTTP 400, invalid_grant: Token is used. The lost answer probably held the new one.',
      `To go on, ${START_OVER}`,
    ]);
    expect(facts).toStrictEqual({ open: false, refused: 'token' });
  });

  it.each([true, false])('is about the organization where none was sent (an answer was lost: %s)', (open) => {
    const { error, ...facts } = refuse(400, DEAD, 'valid', { ...FOR_ORGANIZATION, open });
    const remedy = 'Check `org-id`, and that this organization has the app installed.';
    expect([error.code, error.remedy, facts]).toEqual(['cobo-refused', remedy, { open: false }]);
  });
});

describe('what to do after a refusal', () => {
  const CLIENT = /^Check that `client-id` belongs to the app of this `private-key`, in the environment/;
  const REPORT = /^This is likely a defect of the action, or a change at Cobo: please report it\.$/;
  const SUPPORT = /^Re-run the job later\. If it keeps failing, give Cobo's support the error ID\.$/;
  const LATER = /^Re-run the job later\.$/;
  const KEY = /^Check in Cobo Portal that the app key .* is registered and active .* no IP allowlist blocks the runner/;
  const WAY =
    /^Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request\. Then/;
  it.each<[number, object, Signature, RegExp]>([
    [400, { error_code: 1000 }, 'valid', SUPPORT],
    [400, { error_code: 1003 }, 'valid', REPORT],
    [400, { error_code: 2000 }, 'valid', SUPPORT],
    [400, { error_code: 2003 }, 'valid', REPORT],
    [400, { error_code: 2010 }, 'valid', /^Too many requests: re-run the job later, and run it less often\.$/],
    [400, { error_code: 2021 }, 'valid', /must end in `\/v2`/],
    [400, { error_code: 2022 }, 'valid', /no proxy removes the `Biz-Api-\*` headers/],
    [400, { error_code: 2024 }, 'valid', KEY],
    [400, { error_code: 2026 }, 'valid', /^Too many requests/],
    [400, { error_code: 2028 }, 'valid', /^Check `api-url`, `client-id` and `org-id`\.$/],
    [400, { error_code: 10000 }, 'valid', /read-only at the moment/],
    [400, { error_code: 9999 }, 'valid', CLIENT],
    [400, { error_code: '1000 2000' }, 'valid', CLIENT],
    [400, { error: 'invalid_client' }, 'valid', CLIENT],
    [
      400,
      { error: 'unauthorized_client' },
      'valid',
      /^The app may not use this grant, or `client-id` belongs to another/,
    ],
    [400, { error: 'invalid_request', error_code: 2024 }, 'valid', REPORT],
    [400, { error: 'invalid_scope' }, 'valid', REPORT],
    [400, { error: 'unsupported_grant_type' }, 'valid', /Remove `org-id`, so that only `refresh_token` is used/],
    [400, { error: ['invalid_request'] }, 'valid', CLIENT],
    [400, { error: 'toString' }, 'valid', CLIENT],
    [500, { error_code: 9999 }, 'valid', LATER],
    [500, { error_code: 2024 }, 'valid', KEY],
    [500, { error_code: 2024 }, 'missing', LATER],
    [403, { error_code: 2024 }, 'missing', WAY],
    [400, {}, 'invalid', FIND_CAUSE],
  ])('%i %j, signature %s', (status, body, signature, remedy) => {
    expect(refuse(status, body, signature).error.remedy).toMatch(remedy);
  });
});

describe('an answer that does not count', () => {
  it('is untrusted', () => {
    const { error, ...facts } = untrusted('It is so.');
    expect(error).toMatchObject({ code: 'answer-untrusted', message: 'It is so.' });
    expect(error.remedy).toMatch(FIND_CAUSE);
    expect(facts).toStrictEqual({ open: true });
  });

  it.each([
    [false, 'answer-untrusted', /^Check `cobo-environment`.* changes answers: find out what first\. Then run the/],
    [true, 'answer-lost', /^Check the network and the proxy of the runner\. Then run the/],
  ])('leads to the envelope when it carries a token (cut off: %s)', (isCutOff, code, remedy) => {
    const error = carrying('It is so.', isCutOff);
    expect(error).toMatchObject({ code, message: 'It is so.', remedy: expect.stringMatching(remedy) });
    expect(error.remedy.endsWith(USE_ENVELOPE)).toBe(true);
  });
});

describe('a request without an answer', () => {
  const partial = { status: 200, headers: {}, body: Buffer.alloc(0) };
  const CUT = new TransportError('timed out', true, { partial });
  const RERUN = `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`;
  const CHECK = 'Check the network and the proxy of the runner. Then re-run the job.';
  const REACH = 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.';
  const SENT = new TransportError('timed out', true);
  const LOST = 'The request was sent to Cobo, but no answer arrived: timed out.';
  const PARTIAL = "Cobo's answer did not arrive whole: timed out.";
  const UNSENT = new TransportError('refused', false);
  it.each([
    ['sent', SENT, ASKED, 'answer-lost', LOST, RERUN, true],
    ['sent for an organization', SENT, FOR_ORGANIZATION, 'answer-lost', LOST, CHECK, true],
    ['answered in part', CUT, ASKED, 'answer-lost', PARTIAL, RERUN, true],
    ['never sent', UNSENT, ASKED, 'cobo-unavailable', 'Cobo cannot be reached: refused.', REACH, false],
  ])('that was %s', (_what, cause, asked, code, message, remedy, open) => {
    const { error, ...facts } = noAnswer(cause, asked);
    expect(error).toMatchObject({ code, message, remedy, cause });
    expect(facts).toStrictEqual({ open, again: {} });
  });

  it('can be told apart from the answer that follows', () => {
    expect(cutOff(CUT)).toBe(PARTIAL);
  });
});
