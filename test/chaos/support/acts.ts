import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Act, Exchange, GitHubRequest, StoreFacts } from '../../../chaos/act.ts';
import type { RecordedRequest } from '../../../emulators/server.ts';

export const OLD = 'old-refresh-token-0123456789';
export const NEW = 'new-refresh-token-0123456789';
export const ACCESS = 'access-token-0123456789abcdef';
const APP_SECRET = '11'.repeat(32);
const CLIENT_ID = 'client';
const SECRETS_PATH = '/repos/octo-org/octo-repo/actions/secrets';
let seq = 0;

/** A request as an emulator records it. */
export function request(method: string, path: string, status: number | 'cut', verdict = ''): RecordedRequest {
  seq++;
  return { seq, at: seq, method, path, query: '', headers: {}, body: '', verdict, status, ms: 1 };
}

export function toGitHub(...args: Parameters<typeof request>): GitHubRequest {
  return { record: request(...args), mishap: undefined };
}

/** Always before everything else. */
export const probed = (): GitHubRequest => {
  const path = `${SECRETS_PATH}/COBO_REFRESH_TOKEN_COBO_REFRESH_PROBE`;
  return { record: { ...request('PUT', path, 201, 'sealed box opened, created'), at: 0 }, mishap: undefined };
};
export const written = (status: number | 'cut' = 204) =>
  toGitHub('PUT', `${SECRETS_PATH}/COBO_REFRESH_TOKEN`, status, 'sealed box opened, updated');

/** An exchange that rotated the token; `changes` on top. */
export function rotation(changes: Partial<Exchange> = {}): Exchange {
  return {
    operation: 'refresh',
    status: 200,
    issued: { refreshToken: NEW, accessToken: ACCESS },
    replay: false,
    arrival: 'whole',
    ambiguous: false,
    retryable: false,
    record: request('POST', '/v2/oauth/token', 200, 'signature ok, refresh token 1 rotated to 2'),
    mishap: undefined,
    ...changes,
  };
}

export function store(changes: Partial<StoreFacts> = {}): StoreFacts {
  return {
    label: 'repository@octo-org/octo-repo',
    kind: 'repository',
    secretsPath: SECRETS_PATH,
    refreshToken: OLD,
    accessToken: undefined,
    expiresAt: undefined,
    probes: [],
    ...changes,
  };
}

/** An envelope, made as the documentation says. */
export function sealed(token: string): string {
  const prefix = 'cobo-envelope-v1.';
  const info = 'cobo-refresh-action recovery envelope v1';
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(APP_SECRET, 'hex'), '', info, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(prefix + CLIENT_ID));
  const text = cipher.update(JSON.stringify({ refresh_token: token }));
  return prefix + Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** A run that went well: probe, rotation, write, output. `changes` on top, those of the ending apart. */
export function act(changes: Partial<Act> = {}, ending: Partial<Act['ending']> = {}): Act {
  const exchanges = [rotation()];
  const gitHub = [probed(), written()];
  return {
    role: 'first',
    setting: {
      refreshTokenSecret: 'COBO_REFRESH_TOKEN',
      accessTokenSecret: undefined,
      expiresAtVariable: undefined,
      orgId: 'none',
      maxAttempts: 3,
      dryRun: false,
      appSecretHex: APP_SECRET,
      clientId: CLIENT_ID,
    },
    input: { token: OLD, living: true, envelope: false },
    staleStores: [],
    before: [store()],
    after: [store({ refreshToken: NEW })],
    living: [NEW],
    livingAccessTokens: [ACCESS],
    exchanges,
    gitHub,
    maxInFlight: 3,
    disturbed: false,
    cancelledEarly: false,
    secrets: [APP_SECRET, OLD, NEW, ACCESS],
    emulatorErrors: [],
    ...changes,
    ending: {
      exitCode: 0,
      killed: false,
      killedBy: undefined,
      outputs: { 'token-state': 'stored', 'access-token': ACCESS },
      log: '',
      annotations: [],
      debug: [],
      rawSummary: '',
      ...ending,
    },
  };
}

/** The ending of a run that failed in this state. */
export function failure(state: string, outputs: Record<string, string> = {}): Partial<Act['ending']> {
  const message = `Something went wrong. [token-state: ${state}]`;
  return {
    exitCode: 1,
    outputs: { 'token-state': state, ...outputs },
    annotations: [{ level: 'error', title: '', message }],
  };
}
