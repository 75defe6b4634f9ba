import type { HistoryEntry } from '../emulators/cobo.ts';
import type { RecordedRequest } from '../emulators/server.ts';
import type { Act, Exchange, StoreFacts } from './act.ts';
import { ACCESS_SECRET, EXPIRY_VARIABLE, REFRESH_SECRET, stalls } from './mishaps.ts';
import type { Mishap } from './plan.ts';
import type { Performance, Script } from './script.ts';
import type { Theatre } from './theatre.ts';

/** What was so before the action ran. */
export interface Before {
  stores: StoreFacts[];
  /** When each store's secret was updated, in their order; GitHub's clock. */
  updatedAt: number[];
  historyLength: number;
  tokenLives: boolean;
}

/** Everything that the referee may know of a run that is over. */
export function digest(theatre: Theatre, script: Script, performance: Performance, before: Before): Act {
  const { plan, cobo, github, client } = theatre;
  const history = cobo.history.slice(before.historyLength);
  const exchanges = cobo.requests.map((record) => exchangeOf(theatre, record, history));
  return {
    role: script.role,
    setting: {
      refreshTokenSecret: plan.refreshTokenSecret ? REFRESH_SECRET : undefined,
      accessTokenSecret: plan.accessTokenSecret ? ACCESS_SECRET : undefined,
      expiresAtVariable: plan.expiresAtVariable ? EXPIRY_VARIABLE : undefined,
      orgId: plan.orgId,
      maxAttempts: plan.maxAttempts,
      dryRun: script.inputs['dry-run'] === 'true',
      appSecretHex: client.appSecretHex,
      clientId: client.clientId,
    },
    input: { token: script.token, living: before.tokenLives, envelope: script.envelope !== undefined },
    staleStores: staleStores(theatre, script, before),
    before: before.stores,
    after: theatre.storeFacts(),
    living: cobo.livingRefreshTokens(),
    livingAccessTokens: theatre.tokens.all.filter((token) => cobo.isLivingAccessToken(token)),
    exchanges,
    gitHub: github.requests.map((record) => ({ record, mishap: theatre.struck.get(record) })),
    maxInFlight: github.maxInFlight,
    disturbed: theatre.struck.size > 0 || performance.interrupted || isShortOfRights(theatre, script),
    cancelledEarly: performance.cancelledEarly,
    ending: performance.ending,
    secrets: [client.appSecretHex, theatre.writer, ...theatre.tokens.all],
    emulatorErrors: [...cobo.errors, ...github.errors].map(String),
  };
}

function isShortOfRights({ plan }: Theatre, { role }: Script): boolean {
  return role === 'first' && plan.readOnlyStore !== undefined;
}

/**
 * Stores whose secret was updated after the runner had read it. The queue time counts where the run can
 * know it. Two seconds are no proof: GitHub tells whole ones, and clocks are compared by them.
 */
function staleStores({ github, plan }: Theatre, script: Script, { stores, updatedAt }: Before): string[] {
  if (!plan.refreshTokenSecret || script.token === undefined || script.envelope !== undefined) return [];
  const told = github.requests.some(({ path, status }) => path.includes('/actions/runs/') && status === 200);
  const jobStartedAt = script.jobStartedAt + plan.clockSkewMs;
  return stores
    .filter(({ kind }, index) => {
      const readAt = kind === 'environment' || !told ? jobStartedAt : script.queuedAt;
      return (updatedAt[index] ?? 0) > readAt + 2_000;
    })
    .map(({ label }) => label);
}

function exchangeOf(theatre: Theatre, record: RecordedRequest, history: readonly HistoryEntry[]): Exchange {
  const mishap = theatre.struck.get(record);
  const issued = issuedBy(theatre, record, history);
  const answered = answerOf(mishap, record, issued !== undefined);
  return {
    operation: record.method === 'POST' ? 'refresh' : 'implicit',
    status: record.status,
    ...(issued ? { issued } : {}),
    replay: record.verdict.includes('was spent before'),
    ...answered,
    record,
    mishap,
  };
}

/** The emulator's verdict names tokens by their number. */
function issuedBy(
  { tokens }: Theatre,
  { verdict }: RecordedRequest,
  history: readonly HistoryEntry[],
): Exchange['issued'] {
  const number = /rotated to (\d+)|refresh token (\d+) issued by org_implicit/.exec(verdict);
  const refreshToken = tokens.refreshToken(Number(number?.[1] ?? number?.[2]));
  if (number === null && !verdict.includes('used and kept')) return undefined;
  const entry = history.find(({ issued }) => issued !== undefined && issued.refreshToken === refreshToken);
  const accessToken = entry?.issued?.accessToken ?? '';
  return { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
}

type Answered = Pick<Exchange, 'arrival' | 'ambiguous' | 'retryable'>;

/** What the action can make of the answer, if it is right about everything. */
function answerOf(mishap: Mishap | undefined, record: RecordedRequest, granted: boolean): Answered {
  const lost: Answered = { arrival: 'lost', ambiguous: true, retryable: true };
  if (mishap !== undefined && stalls(mishap)) return lost;
  switch (mishap?.kind) {
    case 'cut':
    case 'refuse':
    case 'flood':
      return lost;
    case 'redirect':
      return { arrival: 'refusal', ambiguous: true, retryable: false };
    case 'malformed-refresh':
      if (granted) return { arrival: 'lost', ambiguous: true, retryable: false };
      break;
    case 'malformed-access':
      // Without a new refresh token nothing in it can be relied on.
      if (record.verdict.includes('used and kept')) {
        return { arrival: 'whole', ambiguous: true, retryable: false };
      }
      break;
    case 'unsigned':
    case 'bad-signature':
    case 'foreign-signature':
      return { arrival: granted ? 'untrusted' : 'refusal', ambiguous: true, retryable: false };
    case 'status': {
      const { status, signed } = mishap;
      const proven = signed === true || status === 414 || status === 429;
      return {
        arrival: 'refusal',
        ambiguous: !proven || status >= 500,
        retryable: status === 429 || status >= 500,
      };
    }
  }
  // The client went away before the answer: killed, or it gave up.
  if (record.status === 'cut') return lost;
  return { arrival: granted ? 'whole' : 'refusal', ambiguous: false, retryable: false };
}
