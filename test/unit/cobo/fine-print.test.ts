import { describe, expect, it } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { type CoboAccess, ExchangeFailure, exchange } from '../../../src/cobo/exchange.ts';
import { CoboFailure } from '../../../src/cobo/failure.ts';
import { readGrant } from '../../../src/cobo/grant.ts';
import { refusal } from '../../../src/cobo/refusal.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { FakeClock, FakeCobo, lost, newSigner, signed, unreachable, unsigned } from './fake-cobo.ts';

// What mutation testing found nobody looking at.

const cobo = newSigner();
const keys = readAppSecret('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const PAIR = { access_token: 'access-2', token_type: 'Bearer', expires_in: 60, refresh_token: 'refresh-2' };

interface Failed {
  http: FakeCobo;
  ended: ExchangeFailure;
  failure: CoboFailure;
}

/** The failure in which an exchange ends whose attempts are answered so. */
async function failed(answers: (HttpAnswer | Error)[], orgId?: string): Promise<Failed> {
  const http = new FakeCobo(keys.appKey, answers);
  const access: CoboAccess = {
    http,
    httpOptions: { timeoutMs: 1_000 },
    clock: new FakeClock(),
    log: { info: () => undefined, debug: () => undefined, warning: () => undefined },
    maxAttempts: 1,
    apiUrl: 'https://cobo.test/v2',
    responseKey: cobo.publicKey,
    keys,
    clientId: 'client-1',
  };
  try {
    await exchange(access, orgId === undefined ? 'refresh-1' : undefined, orgId);
  } catch (error) {
    if (error instanceof ExchangeFailure) return { http, ended: error, failure: error.failure };
    throw error;
  }
  throw new Error('the exchange went well');
}

describe('a failed exchange', () => {
  it('carries names and causes that a debug log shows', async () => {
    const cut = lost();
    const { ended, failure } = await failed([cut]);
    expect(ended.name).toBe('ExchangeFailure');
    expect(ended.cause).toBe(failure);
    expect(failure.name).toBe('CoboFailure');
    expect(failure.cause).toBe(cut);
    const refused = unreachable();
    expect((await failed([refused])).failure.cause).toBe(refused);
  });

  it('says what to look at when no answer came', async () => {
    const { failure } = await failed([lost()]);
    expect(failure.remedy).toBe('Check the network and the proxy of the runner.');
    const nobody = (await failed([unreachable()])).failure;
    expect(nobody.remedy).toMatch(/`api-url`.*network.*proxy.*again\.$/);
    expect(nobody.facts).toStrictEqual({ effect: 'none', tryAgain: {} });
  });

  it('names the action to Cobo', async () => {
    const { http } = await failed([lost()]);
    expect(http.received[0]?.headers['User-Agent']).toBe('cobo-refresh-action');
  });

  it.each([0, 100, 199, 300])('is a refusal with the status %i, whatever is signed', async (status) => {
    const { failure } = await failed([signed(cobo, status, PAIR)]);
    expect(failure.code).toBe('cobo-refused');
    expect(failure.message).toContain(`HTTP ${status}`);
  });

  it('is untrusted for good when a success is not signed', async () => {
    const { failure } = await failed([unsigned(200, PAIR)]);
    expect(failure.facts).toStrictEqual({ effect: 'possible', untrusted: true, carried: 'refresh-2' });
  });

  it('keeps what Cobo said about the organization as the cause', async () => {
    const { failure } = await failed([signed(cobo, 400, { error: 'invalid_grant' })], 'org-1');
    expect(failure.code).toBe('cobo-refused');
    expect(failure.cause).toBeInstanceOf(CoboFailure);
    expect(failure.cause).not.toBe(failure);
  });
});

describe('a grant', () => {
  it.each(['"text"', '5', 'true', 'null', '[]', '', '{'])('is no JSON object in %j', (text) => {
    expect(readGrant(Buffer.from(text))).toStrictEqual({
      refreshToken: undefined,
      access: undefined,
      problem: 'it is not a JSON object',
    });
  });

  it('has no refresh token in blanks alone', () => {
    const { refreshToken, problem } = readGrant(
      Buffer.from(JSON.stringify({ ...PAIR, refresh_token: ' \t' })),
    );
    expect(refreshToken).toBeUndefined();
    expect(problem).toContain('`refresh_token`');
  });

  it.each(['7200', true, [7200], null, 1.5])('does not take %j for a number of seconds', (expires_in) => {
    const { access, problem } = readGrant(Buffer.from(JSON.stringify({ ...PAIR, expires_in })));
    expect(access).toBeUndefined();
    expect(problem).toContain('`expires_in`');
  });
});

describe('a refusal', () => {
  const NOW = Date.UTC(2026, 2, 1);
  const said = (body: unknown, status = 400) => refusal(unsigned(status, body), 'valid', NOW);

  it('tells a web page by its first character alone', () => {
    expect(said('<html>').message).toContain('with a web page');
    expect(said(' \n\t<!doctype html>').message).toContain('with a web page');
    expect(said('less < more').message).not.toContain('web page');
    expect(said('').message).not.toContain('web page');
  });

  it('ends its sentence once, however Cobo ends its own', () => {
    const { message } = said({ error: 'invalid_client', error_description: 'Unknown client. . ..' });
    expect(message).toBe('Cobo answered HTTP 400, invalid_client: Unknown client.');
  });

  it('takes only a text for an OAuth error', () => {
    const wrapped = said({ error: ['invalid_request'] });
    expect(wrapped.remedy).toBe(said({}).remedy);
    expect(wrapped.remedy).not.toBe(said({ error: 'invalid_request' }).remedy);
  });

  it('leaves the wait open where Cobo asks for none', () => {
    expect(said({}, 503).facts.tryAgain).toStrictEqual({});
  });
});
