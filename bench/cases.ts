import type { Emulation } from './emulation.ts';
import type { Desk, Measured } from './process.ts';

/** Something to measure, and what it may cost. */
export interface Case {
  name: string;
  /** Milliseconds added to every answer. */
  latencyMs: number;
  run(measurePeak?: boolean): Promise<Measured>;
  /** The limit for the median in milliseconds, from the median of bare Node; `undefined` for what is no run of the action. */
  limit?: (bareMs: number) => number;
  /** The limit in words. */
  target?: string;
}

const FORTY = Array.from({ length: 40 }, (_, index) => `environment:org-${index}`);

/** The environments that the emulators need for these cases. */
export const ENVIRONMENTS = FORTY.map((line) => line.slice('environment:'.length));

/** The cases of docs/performance.md, with the targets of the project. */
export function cases(desk: Desk, emulation: Emulation): Case[] {
  const { cobo, github } = emulation.facts;
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
  const rotating = (inputs: Record<string, string>) => async (measurePeak?: boolean) =>
    await desk.action({ ...inputs, 'refresh-token': await emulation.freshToken() }, measurePeak);
  const stored = {
    ...alone,
    'refresh-token': 'unused',
    'access-token': 'stored-access-token',
    'expires-at': new Date(Date.now() + 12 * 3600_000).toISOString(),
    'min-validity': '600',
  };
  return [
    { name: 'bare node', latencyMs: 0, run: (peak) => desk.bareNode(peak) },
    {
      name: 'refresh alone',
      latencyMs: 0,
      run: rotating(alone),
      limit: (bare) => 3.0 * bare,
      target: '3.0 × bare',
    },
    {
      name: 'refresh and write-back',
      latencyMs: 0,
      run: rotating(writing),
      limit: (bare) => 4.0 * bare,
      target: '4.0 × bare',
    },
    {
      name: 'reuse',
      latencyMs: 0,
      run: (peak) => desk.action(stored, peak),
      limit: (bare) => 1.35 * bare,
      target: '1.35 × bare',
    },
    {
      name: 'key and outputs, nothing else',
      latencyMs: 0,
      run: (peak) => desk.floor('outputs', { APP_SECRET: cobo.client.appSecretHex }, peak),
    },
    {
      name: 'refresh alone',
      latencyMs: 40,
      run: rotating(alone),
      limit: (bare) => 3.0 * bare + 40,
      target: '3.0 × bare + 40 ms',
    },
    {
      name: 'refresh and write-back',
      latencyMs: 40,
      run: rotating(writing),
      limit: (bare) => 1.25 * (bare + 4 * 40),
      target: '1.25 × (bare + 160 ms)',
    },
    {
      name: 'the requests of it, nothing else',
      latencyMs: 40,
      run: (peak) =>
        desk.floor(
          'requests',
          { COBO_URL: cobo.url, GITHUB_URL: github.url, GITHUB_TOKEN: github.token },
          peak,
        ),
    },
    {
      name: 'forty stores',
      latencyMs: 40,
      run: rotating({ ...writing, 'secret-stores': FORTY.join('\n') }),
      limit: () => 1.3 * fortyStoresMs(),
      target: `1.3 × ${fortyStoresMs()} ms`,
    },
  ];
}

/**
 * What ten requests in flight need for forty stores at 40 ms: two reads a store and the run (81), a probe,
 * its deletion and the token a store (40 each), and the refresh, in rounds of ten.
 */
function fortyStoresMs(): number {
  const rounds = Math.ceil(81 / 10) + 4 + 4 + 4 + 1;
  return rounds * 40;
}
