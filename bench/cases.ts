import type { Desk, Measured } from './desk.ts';
import { Planner } from './plan.ts';
import type { Services } from './services.ts';

/** Who does the work of a case. */
export type Contender = 'action' | 'floor' | 'hand';

/** A limit for the ratio of two contenders' times, or of the action's memory to bare Node's. */
export interface Target {
  of: Contender;
  to: Contender | 'bare';
  what: 'time' | 'memory';
  atMost?: number;
  atLeast?: number;
}

/** Something to measure: the same work, by everybody who can do it. */
export interface Case {
  name: string;
  by: Partial<Record<Contender, () => Promise<Measured>>>;
  targets: Target[];
}

const ENVIRONMENTS = Array.from({ length: 40 }, (_, index) => `org-${index}`);

/** Whether the services are far away, or on the loopback. */
export type Place = 'wire' | 'loopback';

/** The environments of the emulated repository: each contender has its own, so that nobody finds another's secrets. */
export const ALL_ENVIRONMENTS = ['action', 'floor', 'hand'].flatMap((who) =>
  ENVIRONMENTS.map((name) => `${who}-${name}`),
);

const STAYS_SMALL: Target = { of: 'action', to: 'bare', what: 'memory', atMost: 1.7 };

/** The cases of docs/performance.md, with the targets of the project. */
export function cases(desk: Desk, services: Services, authority: string | undefined, place: Place): Case[] {
  const { cobo, github } = services.facts;
  const planner = new Planner(services.facts, authority);
  const alone = {
    'private-key': cobo.client.appSecretHex,
    'client-id': cobo.client.clientId,
    'api-url': cobo.url,
    'response-public-key': cobo.responsePublicKeyHex,
  };
  const writing = {
    ...alone,
    'github-token': github.token,
    'github-api-url': github.url,
    'refresh-token-secret': 'COBO_REFRESH_TOKEN',
  };
  const byHand = {
    COBO_URL: cobo.url,
    APP_SECRET: cobo.client.appSecretHex,
    CLIENT_ID: cobo.client.clientId,
    GITHUB_URL: github.url,
    GITHUB_TOKEN: github.token,
  };
  const time = (to: Target['to'], wire: number | undefined, loopback?: number): Target[] => {
    const atMost = place === 'wire' ? wire : loopback;
    return atMost === undefined ? [] : [{ of: 'action', to, what: 'time', atMost }];
  };

  /** A rotation with so many stores, by all three. */
  const rotation = (stores: number): Case['by'] => {
    const names = (who: Contender) => ENVIRONMENTS.slice(0, stores).map((name) => `${who}-${name}`);
    const lines = names('action').map((name) => `environment:${name}`);
    const inputs = stores === 0 ? alone : { ...writing, 'secret-stores': lines.join('\n') };
    return {
      action: async () => await desk.action({ ...inputs, 'refresh-token': await services.freshToken() }),
      floor: async () => {
        const plan = await planner.rotation(await services.freshToken(), names('floor'));
        await services.forget();
        return await desk.contender('floor.cjs', { FLOOR_PLAN: desk.file('plan', JSON.stringify(plan)) });
      },
      hand: async () =>
        await desk.contender('hand.cjs', {
          ...byHand,
          REFRESH_TOKEN: await services.freshToken(),
          ENVIRONMENTS: names('hand').join(' '),
        }),
    };
  };
  const stored = {
    ...alone,
    'refresh-token': 'unused-refresh-token',
    'access-token': 'stored-access-token',
    'expires-at': new Date(Date.now() + 12 * 3600_000).toISOString(),
    'min-validity': '600',
  };
  const handIsSlow: Target[] = place === 'wire' ? [{ of: 'hand', to: 'action', what: 'time', atLeast: 2.2 }] : [];
  return [
    {
      name: 'reuse',
      by: {
        action: () => desk.action(stored),
        floor: () => desk.contender('outputs.cjs', { APP_SECRET: cobo.client.appSecretHex }),
      },
      targets: time('bare', undefined, 1.6),
    },
    {
      name: 'refresh alone',
      by: rotation(0),
      targets: [...time('floor', 1.12), ...time('bare', undefined, 3.5), ...handIsSlow],
    },
    {
      name: 'write-back, one store',
      by: rotation(1),
      targets: [...time('floor', 1.15), ...time('bare', undefined, 4.5), ...handIsSlow, STAYS_SMALL],
    },
    { name: 'write-back, forty stores', by: rotation(40), targets: time('floor', 1.2) },
  ];
}
