import { describe, expect } from 'vitest';
import type { Grant } from '../../emulators/github.ts';
import { REPOSITORY, SECRET, STORE, type StageOptions } from '../../emulators/stage.ts';
import {
  asked,
  expectFailure,
  expectSuccess,
  type Failure,
  it,
  named,
  warnings,
} from './support/scenario.ts';

const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
const grant = (levels: Partial<Grant>): StageOptions => ({
  grants: [{ repo: REPOSITORY, actions: 'read', ...levels }],
});

const REFUSED: (Pick<Failure, 'code' | 'says' | 'remedy'> & {
  name: string;
  stage: StageOptions;
  changes?: Record<string, string>;
})[] = [
  {
    name: 'the token may read secrets but not write them [recovery: store-refused]',
    stage: grant({ secrets: 'read' }),
    code: 'store-refused',
    says: [
      'Writing a probe',
      `the store \`${STORE}\` failed`,
      'HTTP 403',
      'not accessible by personal access token',
    ],
    remedy: /"Secrets: write".*workflow's own `GITHUB_TOKEN` cannot be given that permission/,
  },
  {
    name: 'the token has no permission for secrets at all',
    stage: grant({}),
    code: 'store-refused',
    says: [`\`${STORE}\``, 'HTTP 403'],
    remedy: /"Secrets: write".*`GITHUB_TOKEN`/,
  },
  {
    name: 'the token may write secrets but not those of environments',
    stage: { ...grant({ secrets: 'write' }), environments: ['cobo'] },
    changes: { 'secret-stores': 'environment:cobo' },
    code: 'store-refused',
    says: [`\`${ENVIRONMENT}\``],
    remedy: /"Environments: write".*`GITHUB_TOKEN`/,
  },
  {
    name: 'the token may not write the secrets of Dependabot',
    stage: grant({ secrets: 'write', dependabot_secrets: 'read' }),
    changes: { 'secret-stores': 'repository\ndependabot' },
    code: 'store-refused',
    says: [`\`dependabot@${REPOSITORY}\``],
    remedy: /"Dependabot secrets: write".*`GITHUB_TOKEN`/,
  },
  {
    name: 'the token may not read variables, when the expiry is wanted in one',
    stage: grant({ secrets: 'write' }),
    changes: { 'expires-at-variable': 'COBO_EXPIRES_AT' },
    code: 'store-refused',
    says: ['Reading the variable COBO_EXPIRES_AT', 'HTTP 403'],
    remedy: /"Variables: write".*`GITHUB_TOKEN`/,
  },
  {
    name: 'there is no such environment [recovery: store-missing]',
    stage: {},
    changes: { 'secret-stores': 'environment:prdo' },
    code: 'store-missing',
    says: [`\`environment:prdo@${REPOSITORY}\``, 'HTTP 404'],
    remedy: /does not exist, or `github-token` may not see it.*"Environments: write".*`GITHUB_TOKEN`/,
  },
  {
    name: 'the token cannot see the repository',
    stage: {},
    changes: { 'secret-stores': 'repository@other-org/vault' },
    code: 'store-missing',
    says: ['`repository@other-org/vault`', 'HTTP 404'],
    remedy: /"Secrets: write".*`GITHUB_TOKEN`/,
  },
  {
    name: 'GitHub does not know the token [recovery: github-token-unknown]',
    stage: {},
    changes: { 'github-token': 'github_pat_expired_long_ago' },
    code: 'store-refused',
    says: [`\`${STORE}\``, 'HTTP 401', 'Bad credentials'],
    remedy: /does not know `github-token`: it is wrong, expired or revoked/,
  },
];

describe('a store that cannot be written ends the run before Cobo is called, when', () => {
  it.concurrent.for(named(REFUSED))('%s', async ([, { stage: options, changes, ...wanted }], { open }) => {
    const stage = await open(options);
    const result = await stage.run(changes);
    expectFailure(stage, result, { ...wanted, state: 'unspent' });
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.cobo.livingRefreshTokens()).toEqual([stage.refreshToken]);
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
  });

  it.concurrent('one of several is refused: the others keep no probe', async ({ open }) => {
    const stage = await open({
      ...grant({ secrets: 'write', environments: 'read', dependabot_secrets: 'write' }),
      environments: ['cobo'],
    });
    const result = await stage.run({ 'secret-stores': 'repository\nenvironment:cobo\ndependabot' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-refused',
      says: ['Writing a probe', `\`${ENVIRONMENT}\``],
      remedy: '"Environments: write"',
      stores: [ENVIRONMENT, `dependabot@${REPOSITORY}`],
    });
    expect(asked(stage.github).filter((line) => /^PUT .*PROBE$/.test(line))).toHaveLength(3);
    expect(stage.cobo.requests).toEqual([]);
  });

  it.concurrent('GitHub does not answer [recovery: github-down]', async ({ open }) => {
    const stage = await open();
    const fault = { kind: 'status', status: 503, when: 'before' } as const;
    stage.github.faults.add({ fault, times: Number.POSITIVE_INFINITY });
    const result = await stage.run({ 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'github-unavailable',
      says: ['HTTP 503'],
      remedy: /[Rr]un the job again/,
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});

describe('the probe', () => {
  it.concurrent('is written and deleted in every store before the token is stored', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const result = await stage.run({ 'secret-stores': 'repository\nenvironment:cobo' });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE, ENVIRONMENT] });
    for (const area of ['actions', 'environments/cobo']) {
      const path = `/repos/${REPOSITORY}/${area}/secrets/${SECRET}_COBO_REFRESH_PROBE`;
      expect(asked(stage.github).filter((line) => line.endsWith(path))).toEqual([
        `PUT ${path}`,
        `DELETE ${path}`,
      ]);
    }
  });

  it.concurrent('holds nothing of the token', async ({ open }) => {
    const stage = await open();
    const seen: (string | undefined)[] = [];
    const run = () => {
      seen.push(stage.github.secretValue(STORE, `${SECRET}_COBO_REFRESH_PROBE`));
    };
    stage.github.faults.add({
      match: { method: 'PUT', path: /PROBE$/ },
      fault: { kind: 'hook', when: 'after', run },
    });
    expectSuccess(stage, await stage.run(), { state: 'stored' });
    expect(seen).toEqual(['probe']);
  });

  it.concurrent('is gone after a refusal of Cobo, too', async ({ open }) => {
    const stage = await open();
    stage.cobo.revokeFamily(stage.refreshToken);
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'token-dead',
      says: ['invalid_grant'],
      remedy: '`org-id`',
    });
    expect(asked(stage.github).filter((line) => /^DELETE .*PROBE$/.test(line))).toHaveLength(1);
  });

  it.concurrent('is deleted even when the answer to its writing was lost', async ({ open }) => {
    const stage = await open();
    const match = { method: 'PUT', path: /PROBE$/ };
    stage.github.faults.add({ match, fault: { kind: 'cut', when: 'after' } });
    const result = await stage.run({ 'max-attempts': '1' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'github-unavailable',
      says: ['the connection was cut'],
      remedy: 'Run the job again; nothing was spent.',
    });
    expect(stage.cobo.requests).toEqual([]);
  });

  it.concurrent('that an earlier, killed run left behind is cleared', async ({ open }) => {
    const stage = await open();
    stage.github.setSecret(STORE, `${SECRET}_COBO_REFRESH_PROBE`, 'probe');
    expectSuccess(stage, await stage.run(), { state: 'stored' });
  });

  it.concurrent('that cannot be deleted is a warning, and the run goes on', async ({ open }) => {
    const stage = await open();
    const match = { method: 'DELETE' };
    const fault = { kind: 'status', status: 403, when: 'before' } as const;
    stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
    const result = await stage.run();
    expectSuccess(stage, result, { state: 'stored', probeStays: true });
    expect(warnings(result)).toEqual([
      expect.stringMatching(
        /COBO_REFRESH_TOKEN_COBO_REFRESH_PROBE could not be deleted.*repository@.*delete it by hand/,
      ),
    ]);
  });

  it.concurrent('finds no room in a full store: a warning, for the secret is there and can be updated', async ({
    open,
  }) => {
    const stage = await open();
    for (let n = 1; n < 100; n++) stage.github.setSecret(STORE, `SECRET_${n}`, 'x');
    const result = await stage.run();
    expectSuccess(stage, result, { state: 'stored' });
    expect(warnings(result)).toEqual([expect.stringMatching(/store repository@.* is full.*make room/)]);
  });

  it.concurrent('finds no room for a secret that is not there yet: the run ends [recovery: store-full]', async ({
    open,
  }) => {
    const stage = await open();
    for (let n = 1; n < 100; n++) stage.github.setSecret(STORE, `SECRET_${n}`, 'x');
    const result = await stage.run({ 'access-token-secret': 'COBO_ACCESS_TOKEN' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-full',
      says: [`\`${STORE}\` is full, so COBO_ACCESS_TOKEN cannot be created there`],
      remedy: 'Delete a secret that nobody needs, or choose another store',
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});
