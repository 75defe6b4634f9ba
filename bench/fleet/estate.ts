import { createClient } from '../../emulators/cobo.ts';
import { recordName } from '../../src/github/record.ts';
import type { Chance } from './chance.ts';
import { REPOSITORY } from './job.ts';
import { Network, type Outage } from './network.ts';
import { MemoryCobo, MemoryGitHub } from './services.ts';
import { Time } from './time.ts';

/** 2026-03-01T00:00:00Z: when every simulation begins. */
export const START = Date.UTC(2026, 2, 1);
export const SECRET = 'COBO_REFRESH_TOKEN';
const HOST = { cobo: 'api.cobo.com', github: 'api.github.com' };

/** Cobo, GitHub, the network and the time of one simulation. */
export interface Estate {
  time: Time;
  cobo: MemoryCobo;
  github: MemoryGitHub;
  network: Network;
}

/** @param outages drawn beforehand, so that they hit every size of the fleet at the same time */
export function buildEstate(outages: readonly Outage[]): Estate {
  const time = new Time(START);
  const app = createClient();
  const cobo = new MemoryCobo({ clients: [app], now: time.now });
  const github = new MemoryGitHub({ now: time.now });
  github.secondaryLimits = true;
  github.rateLimit = { limit: 5000, remaining: 5000, resetAt: START + 3_600_000 };
  github.addRepository(REPOSITORY);
  const services = new Map<string, MemoryCobo | MemoryGitHub>([
    [HOST.cobo, cobo],
    [HOST.github, github],
  ]);
  return { time, cobo, github, network: new Network(time, services, outages) };
}

/** One organization, with its token in an environment of its own. */
export class Organization {
  readonly environment: string;
  readonly orgId: string;
  readonly #estate: Estate;
  readonly #store: string;
  readonly #writer: string;
  readonly #clientId: string;
  readonly #appSecret: string;
  readonly #secretBytes: Buffer;
  readonly #more: Readonly<Record<string, string>>;

  /**
   * @param writer the token that may write secrets
   * @param more inputs on top of the usual ones
   */
  constructor(estate: Estate, index: number, writer: string, more: Readonly<Record<string, string>>) {
    const { cobo, github } = estate;
    this.environment = `org-${index}`;
    this.#store = `environment:${this.environment}@${REPOSITORY}`;
    this.#estate = estate;
    this.#writer = writer;
    this.#more = more;
    // All share the key of one app, as they do at Cobo; the emulator tells organizations apart by client ID.
    const client = cobo.addClient(createClient({ appSecretHex: cobo.client.appSecretHex }));
    this.orgId = client.orgId;
    this.#clientId = client.clientId;
    this.#appSecret = client.appSecretHex;
    this.#secretBytes = Buffer.from(client.appSecretHex, 'hex');
    github.addRepository(REPOSITORY, { environments: [this.environment] });
    this.install();
  }

  /** A person installs the app, and stores the token that this brings. */
  install(): void {
    const { cobo, github } = this.#estate;
    github.setSecret(this.#store, SECRET, cobo.issueRefreshToken(this.#clientId));
  }

  /** The inputs of a job that starts now. */
  inputs(): Record<string, string> {
    const { cobo, github } = this.#estate;
    return {
      'private-key': this.#appSecret,
      'client-id': this.#clientId,
      'refresh-token': github.secretValue(this.#store, SECRET) ?? '',
      'api-url': cobo.url,
      'response-public-key': cobo.responsePublicKeyHex,
      'github-token': this.#writer,
      'refresh-token-secret': SECRET,
      'secret-stores': `environment:${this.environment}`,
      ...this.#more,
    };
  }

  /** Whether the next run can use what is stored: a living token without a record. */
  get isWell(): boolean {
    const { cobo, github } = this.#estate;
    const token = github.secretValue(this.#store, SECRET) ?? '';
    const record = recordName(SECRET, token, this.#secretBytes);
    return cobo.state(token) === 'living' && github.secretMeta(this.#store, record) === undefined;
  }
}

const HOUR = 3_600_000;

/** Outages of an hour, so many of each service, anywhere in the days. */
export function drawOutages(chance: Chance, each: number, days: number): Outage[] {
  return [HOST.cobo, HOST.github].flatMap((host) =>
    Array.from({ length: each }, (): Outage => {
      const from = START + chance.between(0, days * 24 * HOUR);
      const failing = chance.happens(0.5) ? 'errors' : chance.happens(0.5) ? 'refuses' : 'is silent';
      return { host, from, to: from + HOUR, failing };
    }),
  );
}
