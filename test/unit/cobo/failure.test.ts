import { describe, expect, it } from 'vitest';
import type { VerifiedAnswer } from '../../../src/cobo/answer.ts';
import { type Asked, carrying, noAnswer, refusal, untrusted } from '../../../src/cobo/failure.ts';
import { TransportError } from '../../../src/http.ts';

const NOW = Date.UTC(2026, 7, 1);
const ASKED: Asked = { operation: 'refresh_token', known: 'refresh-1', open: false, nonceRefused: false };
const FOR_ORG: Asked = { ...ASKED, operation: 'org_implicit' };
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
    [{ error: 'invalid_client:', error_description: {} }, ', invalid_client'],
    [{ error_code: 2024, error_message: 'No.', error_id: 'e-1' }, ', error code 2024: No (error ID e-1)'],
    [{ error_code: '2024', error_message: 'No' }, ', error code 2024: No'],
    [{ error_code: 2024, error_id: 'e-1' }, ', error code 2024 (error ID e-1)'],
    [{ message: 'no' }, ''],
    [PAGE, ' with a web page'],
    ['less < more', ''],
  ])('for %j', (body, details) => {
    const unsigned = 'The answer is not signed, so it comes from a proxy or firewall in front of Cobo.';
    const what = `HTTP 400${details}.`;
    expect(refuse(400, body).error.message).toBe(`Cobo answered ${what}`);
    expect(refuse(400, body, 'valid', FOR_ORG).error.message).toBe(`Cobo answered \`org_implicit\` with ${what}`);
    expect(refuse(400, body, 'missing').error.message).toBe(`Cobo's address answered ${what} ${unsigned}`);
    expect(refuse(400, body, 'invalid').error.message).toBe(`The signature on Cobo's answer is wrong: ${what}`);
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

  it('shows no part of the token that was sent, however it is escaped, and wherever the text is cut', () => {
    const asked = { ...ASKED, known: 'mF_9/B5f==' };
    const body = `{"error":"e","error_description":"${'w '.repeat(96)}mF_9\\/B5f\\u003d\\u003d"}`;
    expect(refuse(400, body, 'valid', asked).error.message).toMatch(/ w \*\*\*\.$/);
  });
});

describe('what kind of failure a refusal is', () => {
  const AGAIN = { again: {} };
  it.each<[number, unknown, Signature, string, boolean, object?]>([
    [302, '', 'valid', 'cobo-refused', false],
    [499, '', 'valid', 'cobo-refused', false],
    [400, PAGE, 'missing', 'cobo-refused', false],
    [399, '', 'missing', 'cobo-refused', true],
    [400, DEAD, 'valid', 'token-dead', false, { refused: 'token' }],
    [400, DEAD, 'missing', 'cobo-refused', false],
    [400, DEAD, 'invalid', 'answer-untrusted', true],
    [429, { error_code: 2026 }, 'valid', 'cobo-unavailable', false, AGAIN],
    [429, DEAD, 'missing', 'cobo-unavailable', false, AGAIN],
    [500, DEAD, 'valid', 'cobo-unavailable', true, AGAIN],
    [502, PAGE, 'missing', 'cobo-unavailable', true, AGAIN],
    [503, PAGE, 'invalid', 'answer-untrusted', true],
  ])('%i %j, signature %s: %s (open: %s)', (status, body, signature, code, open, facts = {}) => {
    const { error, ...rest } = refuse(status, body, signature);
    expect({ code: error.code, ...rest }).toStrictEqual({ code, open, ...facts });
  });

  it('passes on how long to wait', () => {
    expect(refuse(503, PAGE, 'missing', ASKED, 'Sat, 01 Aug 2026 00:00:30 GMT').again).toEqual({ afterMs: 30_000 });
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
    const refused = isNonce ? 'nonce' : undefined;
    expect([first.refused, first.again]).toEqual([refused, isNonce ? { afterMs: 0 } : undefined]);
    expect(first.error.remedy.startsWith("Check that the runner's clock is right")).toBe(isNonce);
    expect(first).toMatchObject({ open: false, error: { code: 'cobo-refused' } });
    const second = refuse(401, body, 'valid', { ...ASKED, nonceRefused: true });
    expect([second.refused, second.again]).toEqual([refused, undefined]);
    expect(refuse(401, body, 'missing').refused).toBeUndefined();
  });
});

const INSTALL = 'have the organization install the app again (docs/recovery.md, "Start over").';
const START_OVER = `set \`org-id\` to obtain a fresh pair, or ${INSTALL}`;
const USE_ENVELOPE = 'run the workflow with the envelope as `recovery-envelope`.';
const FIND_CAUSE = /^Check `cobo-environment`, and .* changes answers: find out what before you re-run the job\.$/;

describe('a dead token', () => {
  const LOOK =
    'Look at this job and at earlier runs: if one shows a recovery envelope, start a run with it as the input `recovery-envelope`.';
  const IS_DEAD = 'Cobo says that the refresh token is not valid: HTTP 400, invalid_grant: Token is used.';

  it('is told with all ways out', () => {
    const remedy = `${LOOK} If another run has rotated the token since, re-run the job. Otherwise ${START_OVER}`;
    expect(refuse(400, DEAD)).toMatchObject({ error: { message: IS_DEAD, remedy } });
  });

  it('is a lost answer where one came before', () => {
    const message = `An answer of Cobo was lost. ${IS_DEAD} The lost answer probably held the new one.`;
    const error = expect.objectContaining({ code: 'answer-lost', message, remedy: `${LOOK} Otherwise ${START_OVER}` });
    const asked = { ...ASKED, open: true };
    expect(refuse(400, DEAD, 'valid', asked)).toStrictEqual({ error, open: false, refused: 'token' });
  });

  it.each([true, false])('is about the organization where none was sent (an answer was lost: %s)', (open) => {
    const remedy = 'Check `org-id`, and that this organization has the app installed.';
    const error = expect.objectContaining({ code: 'cobo-refused', remedy });
    expect(refuse(400, DEAD, 'valid', { ...FOR_ORG, open })).toStrictEqual({ error, open: false });
  });
});

const CLIENT = 'Check that `client-id` belongs to the app of this `private-key`, in the environment of';
const REPORT = 'This is likely a defect of the action, or a change at Cobo: please report it.';
const LATER = 'Re-run the job later.';
const SUPPORT = `${LATER} If it keeps failing, give Cobo's support the error ID.`;
const KEY = 'Check in Cobo Portal that the app key of this `private-key` is registered and active in the';
const MANY = 'Too many requests: re-run the job later, and run it less often.';
const WAY = 'Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request. Then';
const OTHER = 'The app may not use this grant, or `client-id` belongs to another app. If the ID is right, ';
it.each<[object, string, number?, Signature?]>([
  [{ error_code: 1000 }, SUPPORT],
  [{ error_code: 2021 }, 'Check `api-url`: it must end in `/v2`.'],
  [{ error_code: 2022 }, 'check that no proxy removes the `Biz-Api-*` headers.'],
  [{ error_code: 2024 }, KEY],
  [{ error_code: 2026 }, MANY],
  [{ error_code: 2028 }, 'Check `api-url`, `client-id` and `org-id`.'],
  [{ error_code: 10000 }, 'The organization is read-only at the moment: ask its administrators.'],
  [{ error_code: 9999 }, CLIENT],
  [{ error_code: '1000 2000' }, CLIENT],
  [{ error: 'unauthorized_client' }, OTHER + INSTALL],
  [{ error: 'invalid_request', error_code: 2024 }, REPORT],
  [
    { error: 'unsupported_grant_type' },
    'If the refresh token still works, remove `org-id`. Otherwise have the organization install the app again',
  ],
  [{ error: ['invalid_request'] }, CLIENT],
  [{ error: 'toString' }, CLIENT],
  [{ error_code: 9999 }, LATER, 500],
  [{ error_code: 2024 }, KEY, 500],
  [{ error_code: 2024 }, LATER, 500, 'missing'],
  [{ error_code: 2024 }, WAY, 403, 'missing'],
  [{}, 'changes answers: find out what before you re-run the job.', 400, 'invalid'],
])('says what to do after %j', (body, remedy, status = 400, signature = 'valid') => {
  expect(refuse(status, body, signature).error.remedy).toContain(remedy);
});

it('an answer that is not to be trusted leaves it open', () => {
  const error = { code: 'answer-untrusted', message: 'It is so.', remedy: expect.stringMatching(FIND_CAUSE) };
  expect(untrusted('It is so.')).toStrictEqual({ error: expect.objectContaining(error), open: true });
});

it.each([
  [false, 'answer-untrusted', /^Check `cobo-environment`.* changes answers: find out what first\. Then run the/],
  [true, 'answer-lost', /^Check the network and the proxy of the runner\. Then run the/],
])('an answer that carries a token leads to the envelope (cut off: %s)', (isCutOff, code, remedy) => {
  const error = carrying('It is so.', isCutOff);
  expect(error).toMatchObject({ code, message: 'It is so.', remedy: expect.stringMatching(remedy) });
  expect(error.remedy.endsWith(USE_ENVELOPE)).toBe(true);
});

const SENT = new TransportError('timed out', true);
const CUT = new TransportError('timed out', true, { partial: { status: 200, headers: {}, body: Buffer.alloc(0) } });
const UNSENT = new TransportError('refused', false);
const RERUN = `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`;
const CHECK = 'Check the network and the proxy of the runner. Then re-run the job.';
const REACH = 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.';
const LOST = 'The request was sent to Cobo, but no answer arrived: timed out.';
const PARTIAL = "Cobo's answer did not arrive whole: timed out.";
it.each([
  ['sent', SENT, ASKED, 'answer-lost', LOST, RERUN, true],
  ['sent for an organization', SENT, FOR_ORG, 'answer-lost', LOST, CHECK, true],
  ['answered in part', CUT, ASKED, 'answer-lost', PARTIAL, RERUN, true],
  ['never sent', UNSENT, ASKED, 'cobo-unavailable', 'Cobo cannot be reached: refused.', REACH, false],
])('a request without an answer that was %s', (_what, cause, asked, code, message, remedy, open) => {
  const error = expect.objectContaining({ code, message, remedy, cause });
  expect(noAnswer(cause, asked)).toStrictEqual({ error, open, again: {} });
});
