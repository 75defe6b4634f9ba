import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS } from '../../src/cobo/environments.ts';
import type { Inputs } from '../../src/inputs.ts';
import {
  ALL,
  APP_KEY,
  APP_PEM,
  APP_SECRET,
  type Given,
  LEAST,
  reading,
  SURROUNDINGS,
} from './support/github-inputs.ts';

const read = (given: Given, surroundings = SURROUNDINGS): Inputs => reading(given, surroundings).read();
const least = (given: Given): Inputs => read({ ...LEAST, ...given });

/** The least that is right with write-back. */
const WRITING: Given = { ...LEAST, 'github-token': 'github_pat_1', 'refresh-token-secret': 'COBO' };
const writing = (given: Given) => read({ ...WRITING, ...given }).writeBack;

describe('the least that is right', () => {
  it('gives every default', () => {
    expect(read(LEAST)).toEqual({
      keys: { appSecret: Buffer.from(APP_SECRET, 'hex'), appKey: APP_KEY },
      clientId: 'client-of-the-tests',
      refreshToken: 'refresh-token-of-the-tests',
      orgId: undefined,
      recoveryEnvelope: undefined,
      cobo: { environment: 'prod', ...ENVIRONMENTS.prod },
      writeBack: undefined,
      accessTokenEnv: undefined,
      stored: undefined,
      dryRun: false,
      timeoutMs: 30_000,
      maxAttempts: 4,
    });
  });

  it('is enough with an organization instead of a refresh token', () => {
    expect(least({ 'refresh-token': '', 'org-id': 'org-1' })).toMatchObject({
      refreshToken: undefined,
      orgId: 'org-1',
    });
  });

  it('is enough with an envelope instead of a refresh token', () => {
    expect(least({ 'refresh-token': '', 'recovery-envelope': 'envelope' })).toMatchObject({
      refreshToken: undefined,
      recoveryEnvelope: 'envelope',
    });
  });
});

it('everything that is given is read', () => {
  expect(read(ALL)).toMatchObject({
    keys: { appKey: APP_KEY },
    clientId: 'client-of-the-tests',
    refreshToken: 'refresh-token-of-the-tests',
    orgId: 'org-of-the-tests',
    recoveryEnvelope: 'envelope-of-the-tests',
    cobo: { environment: 'dev', apiUrl: 'https://cobo.test/v2', responseKey: 'ab'.repeat(32) },
    writeBack: {
      token: 'github_pat_of_the_tests',
      apiUrl: 'https://ghe.test/api/v3',
      stores: [{ label: 'environment:cobo@octo/app' }, { label: 'organization:acme' }],
      refreshTokenSecret: 'COBO_REFRESH',
      accessTokenSecret: 'COBO_ACCESS',
      expiresAtVariable: 'COBO_EXPIRY',
    },
    accessTokenEnv: 'COBO_TOKEN',
    stored: {
      accessToken: 'access-token-of-the-tests',
      expiresAt: Date.UTC(2026, 2, 1, 12),
      minValidity: 600,
    },
    dryRun: true,
    timeoutMs: 15_000,
    maxAttempts: 7,
  });
});

describe('`private-key` may be', () => {
  it.each([
    ['hexadecimal', APP_SECRET],
    ['hexadecimal in upper case', APP_SECRET.toUpperCase()],
    ['hexadecimal with blanks and line breaks around it', ` \r\n\t${APP_SECRET}\n\n`],
    ['a PEM', APP_PEM],
    ['a PEM with the line breaks of Windows', APP_PEM.replaceAll('\n', '\r\n')],
    ['a PEM with literal line breaks', APP_PEM.replaceAll('\n', '\\n')],
  ])('%s', (_name, key) => {
    expect(least({ 'private-key': key }).keys).toEqual({
      appSecret: Buffer.from(APP_SECRET, 'hex'),
      appKey: APP_KEY,
    });
  });
});

describe('blanks around an input do not matter:', () => {
  it.each([
    ['client-id', ' id-1\n', { clientId: 'id-1' }],
    ['refresh-token', ' token-1\n', { refreshToken: 'token-1' }],
    ['org-id', ' org-1\n', { orgId: 'org-1' }],
    ['recovery-envelope', '\nenvelope ', { recoveryEnvelope: 'envelope' }],
    ['cobo-environment', ' sandbox\n', { cobo: { environment: 'sandbox' } }],
    ['max-attempts', ' 2 ', { maxAttempts: 2 }],
    ['dry-run', 'true\n', { dryRun: true }],
  ])('%s', (name, value, expected) => {
    expect(least({ [name]: value })).toMatchObject(expected);
  });
});

describe('the Cobo environment', () => {
  it.each(['prod', 'dev', 'sandbox'] as const)('%s has its own address and key', (environment) => {
    expect(least({ 'cobo-environment': environment }).cobo).toEqual({
      environment,
      ...ENVIRONMENTS[environment],
    });
  });

  it('can have another address, and keeps its key', () => {
    expect(least({ 'api-url': 'https://cobo.test/v2' }).cobo).toEqual({
      environment: 'prod',
      apiUrl: 'https://cobo.test/v2',
      responseKey: ENVIRONMENTS.prod.responseKey,
    });
  });

  it.each(['12'.repeat(32), 'AB'.repeat(32)])('can have another key, and keeps its address: %s', (key) => {
    expect(least({ 'response-public-key': key }).cobo).toEqual({
      environment: 'prod',
      apiUrl: ENVIRONMENTS.prod.apiUrl,
      responseKey: key,
    });
  });
});

describe('`api-url` may be', () => {
  it.each([
    ['https://cobo.test/v2', 'https://cobo.test/v2'],
    ['https://cobo.test/v2/', 'https://cobo.test/v2'],
    ['https://cobo.test/v2//', 'https://cobo.test/v2'],
    ['https://cobo.test', 'https://cobo.test'],
    ['https://cobo.test:8443/a/v2', 'https://cobo.test:8443/a/v2'],
    ['HTTPS://Cobo.Test/v2', 'https://cobo.test/v2'],
    ['http://localhost:8080/v2', 'http://localhost:8080/v2'],
    ['http://127.0.0.1:8080/v2', 'http://127.0.0.1:8080/v2'],
    ['http://127.8.9.10/v2', 'http://127.8.9.10/v2'],
    ['http://[::1]:8080/v2', 'http://[::1]:8080/v2'],
  ])('%s', (given, apiUrl) => {
    expect(least({ 'api-url': given }).cobo.apiUrl).toBe(apiUrl);
  });
});

describe('write-back', () => {
  it.each(['refresh-token-secret', 'access-token-secret', 'expires-at-variable'])(
    'is turned on by `%s`',
    (name) => {
      expect(read({ ...LEAST, 'github-token': 'github_pat_1', [name]: 'NAME' }).writeBack).toBeDefined();
    },
  );

  it.each([
    { 'github-token': 'github_pat_1' },
    { 'secret-stores': 'repository' },
    { 'secret-stores': 'dependabot' },
  ])('is not turned on by %j', (given: Given) => {
    expect(least(given).writeBack).toBeUndefined();
  });

  it('goes to the repository by default', () => {
    expect(writing({})?.stores.map(({ label }) => label)).toEqual(['repository@octo/app']);
  });

  it("goes through the runner's API by default", () => {
    const surroundings = { ...SURROUNDINGS, apiUrl: 'https://ghe.test/api/v3/' };
    expect(read(WRITING, surroundings).writeBack?.apiUrl).toBe('https://ghe.test/api/v3');
  });

  it('goes through another API where one is given', () => {
    expect(writing({ 'github-api-url': 'https://other.test/api/v3/' })?.apiUrl).toBe(
      'https://other.test/api/v3',
    );
  });

  it('needs no repository of the workflow where each line names one', () => {
    const given = { ...WRITING, 'secret-stores': 'repository@other/lib' };
    const { writeBack } = read(given, { ...SURROUNDINGS, repository: undefined });
    expect(writeBack?.stores.map(({ label }) => label)).toEqual(['repository@other/lib']);
  });

  it.each([
    ['cobo_refresh', 'COBO_REFRESH'],
    ['_', '_'],
    ['A1', 'A1'],
    ['GITHUBX', 'GITHUBX'],
    ['MY_GITHUB_TOKEN', 'MY_GITHUB_TOKEN'],
    ['N'.repeat(200), 'N'.repeat(200)],
  ])('keeps the name %s in upper case, as GitHub does', (given, name) => {
    expect(writing({ 'refresh-token-secret': given })?.refreshTokenSecret).toBe(name);
  });

  it('may give the variable the name of a secret', () => {
    expect(writing({ 'expires-at-variable': 'cobo' })).toMatchObject({
      refreshTokenSecret: 'COBO',
      expiresAtVariable: 'COBO',
    });
  });
});

describe('`access-token-env` may be', () => {
  it.each(['COBO_TOKEN', 'cobo_token', '_', 'T1', 'PATHS', 'MY_PATH', 'HOMEPAGE', 'CIRCLE', 'N'.repeat(200)])(
    '%s',
    (name) => {
      expect(least({ 'access-token-env': name }).accessTokenEnv).toBe(name);
    },
  );
});

describe('a stored access token', () => {
  const stored = (given: Given) => least(given).stored;
  const TOKEN = { 'access-token': 'stored-token' };

  it.each([
    ['2026-03-01T12:00:00Z', Date.UTC(2026, 2, 1, 12)],
    ['2026-03-01T12:00Z', Date.UTC(2026, 2, 1, 12)],
    ['2026-03-01T12:00:00.250Z', Date.UTC(2026, 2, 1, 12, 0, 0, 250)],
    ['2026-03-01T12:00:00.123456789Z', Date.UTC(2026, 2, 1, 12, 0, 0, 123)],
    ['2026-03-01T14:00:00+02:00', Date.UTC(2026, 2, 1, 12)],
    ['2026-03-01T06:30:00-05:30', Date.UTC(2026, 2, 1, 12)],
  ])('may expire at %s', (expiry, expiresAt) => {
    expect(stored({ ...TOKEN, 'expires-at': expiry })).toEqual({
      accessToken: 'stored-token',
      expiresAt,
      minValidity: 0,
    });
  });

  it.each([
    ['0', 0],
    ['600', 600],
    ['31622400', 31_622_400],
  ])('may have to live for %s seconds more', (text, minValidity) => {
    const given = { ...TOKEN, 'expires-at': '2026-03-01T12:00:00Z', 'min-validity': text };
    expect(stored(given)).toHaveProperty('minValidity', minValidity);
  });

  it('counts as none without its expiry', () => {
    expect(stored(TOKEN)).toBeUndefined();
  });

  it('counts as none when it is empty, as in the first run', () => {
    expect(stored({ 'access-token': '', 'expires-at': '2026-03-01T12:00:00Z' })).toBeUndefined();
  });
});

describe('`dry-run` may be', () => {
  it.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
    ['FALSE', false],
    ['', false],
  ])('%j', (text, dryRun) => {
    expect(least({ 'dry-run': text }).dryRun).toBe(dryRun);
  });
});

describe('a number may be the least or the most:', () => {
  it.each([
    ['timeout-seconds', '1', { timeoutMs: 1_000 }],
    ['timeout-seconds', '600', { timeoutMs: 600_000 }],
    ['max-attempts', '1', { maxAttempts: 1 }],
    ['max-attempts', '20', { maxAttempts: 20 }],
    ['max-attempts', '007', { maxAttempts: 7 }],
  ])('%s of %s', (name, value, expected) => {
    expect(least({ [name]: value })).toMatchObject(expected);
  });
});

describe('an ID may have', () => {
  it.each([
    ['one character', 'x'],
    ['256 characters', 'x'.repeat(256)],
    ['any visible character of ASCII', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
  ])('%s', (_name, id) => {
    expect(least({ 'client-id': id, 'org-id': id })).toMatchObject({ clientId: id, orgId: id });
  });
});

describe('is masked:', () => {
  const masked = (given: Given): string[] => {
    const { read: readAll, masked: all } = reading({ ...LEAST, ...given });
    readAll();
    return all;
  };

  it.each(['refresh-token', 'github-token', 'access-token'])('`%s`', (name) => {
    expect(masked({ [name]: 'a-secret-value' })).toContain('a-secret-value');
  });

  it.each(['refresh-token', 'github-token', 'access-token'])(
    '`%s` as given and without blanks around it',
    (name) => {
      expect(masked({ [name]: ' a-secret-value\n' })).toEqual(
        expect.arrayContaining([' a-secret-value\n', 'a-secret-value']),
      );
    },
  );

  it.each([
    ['hexadecimal', APP_SECRET],
    ['hexadecimal in upper case', APP_SECRET.toUpperCase()],
    ['hexadecimal in both cases', `${APP_SECRET.slice(0, 32).toUpperCase()}${APP_SECRET.slice(32)}`],
    ['hexadecimal with blanks around it', `\n ${APP_SECRET} \n`],
    ['a PEM', APP_PEM],
    ['a PEM with literal line breaks', APP_PEM.replaceAll('\n', '\\n')],
  ])('the key in hexadecimal, in either case, when it is given as %s', (_name, key) => {
    expect(masked({ 'private-key': key })).toEqual(
      expect.arrayContaining([key, APP_SECRET, APP_SECRET.toUpperCase()]),
    );
  });

  it.each([
    ['true line breaks', '\n'],
    ['the line breaks of Windows', '\r\n'],
    ['literal line breaks', '\\n'],
  ])('each line of a PEM with %s', (_name, lineBreak) => {
    const lines = APP_PEM.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(masked({ 'private-key': lines.join(lineBreak) })).toEqual(expect.arrayContaining(lines));
  });

  it('not what is public', () => {
    const all = masked({ ...ALL, ...LEAST });
    const secret = ['private-key', 'refresh-token', 'github-token', 'access-token'];
    const shown = Object.entries(ALL).filter(
      ([name, value]) => !secret.includes(name) && all.includes(value),
    );
    expect(shown).toEqual([]);
  });
});
