import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type HttpAnswer, type HttpClient, TransportError } from '../src/http.ts';
import { openEnvelope } from '../src/recovery.ts';
import { refresh } from '../src/refresh.ts';
import { FakeGitHub } from '../test/unit/support/github-fake.ts';
import { HeldClock, NOON } from '../test/unit/support/github-world.ts';
import { COBO_ANSWERS, coboAnswer, githubAnswer } from './arbitraries.ts';
import { fixedSigner, signedBy } from './cobo.ts';
import { CLIENT_ID, GOOD, oddInputs, SEED } from './inputs.ts';
import { expectNone, SLOWEST_CASE_MS } from './invariants.ts';
import { SECRETS } from './secrets.ts';
import { target } from './target.ts';
import { Witness } from './witness.ts';

const SIGNER = fixedSigner();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'];
const STORE = '/api/v3/repos/octo/app/actions/secrets';
const ENVIRONMENT = '/api/v3/repos/octo/app/environments/cobo/secrets';
const LONGEST_WAIT_MS = 3_600_000;
/** A run with two stores and four attempts of each request sends fewer. */
const MOST_REQUESTS = 200;

/** What becomes of one request: the honest answer, another one, or none. */
type Move =
  | { kind: 'honest' }
  | { kind: 'cobo'; answer: HttpAnswer; sign: boolean }
  | { kind: 'github'; answer: HttpAnswer }
  | { kind: 'broken'; sent: boolean };

const brokenMove = fc.boolean().map((sent): Move => ({ kind: 'broken', sent }));
const honestMove = fc.constant<Move>({ kind: 'honest' });

const coboMove = fc.oneof(
  { weight: 2, arbitrary: honestMove },
  { weight: 8, arbitrary: fc.tuple(coboAnswer, fc.boolean()).map(coboAnswers) },
  { weight: 1, arbitrary: brokenMove },
);

const githubMove = fc.oneof(
  { weight: 15, arbitrary: honestMove },
  { weight: 1, arbitrary: githubAnswer.map((answer): Move => ({ kind: 'github', answer })) },
  { weight: 1, arbitrary: brokenMove },
);

function coboAnswers([answer, sign]: [HttpAnswer, boolean]): Move {
  return { kind: 'cobo', answer, sign };
}

/** Both services, honest but for the moves. A move for the other service is honest too. */
class Services implements HttpClient {
  requests = 0;
  readonly #github = new FakeGitHub();
  readonly #toCobo: readonly Move[];
  readonly #toGitHub: readonly Move[];
  readonly #stubborn: string;
  #coboRequests = 0;

  /** @param stubborn requests with this in their path get the first move to GitHub, every time */
  constructor(toCobo: readonly Move[], toGitHub: readonly Move[], stubborn: string) {
    this.#toCobo = toCobo;
    this.#toGitHub = toGitHub;
    this.#stubborn = stubborn;
    const old = { updatedAt: NOON - 86_400_000 };
    this.#github.addStore(STORE).addSecret(STORE, 'COBO_REFRESH', old);
    this.#github.addStore(ENVIRONMENT).addSecret(ENVIRONMENT, 'COBO_REFRESH', old);
  }

  async send(...[request, options]: Parameters<HttpClient['send']>): Promise<HttpAnswer> {
    if (++this.requests > MOST_REQUESTS) throw new RangeError('broken: requests without end');
    if (options.signal?.aborted) throw new TransportError('cancelled', false);
    if (request.url.hostname === 'cobo.test') return this.#cobo();
    const { pathname } = request.url;
    const isStubborn = this.#stubborn !== '' && pathname.includes(this.#stubborn);
    const move = this.#toGitHub[isStubborn ? 0 : this.requests % 16];
    if (move?.kind === 'broken') throw new TransportError('the connection was cut', move.sent);
    if (move?.kind === 'github') return move.answer;
    return this.#github.send(request, options);
  }

  connectAhead(): void {}

  close(): void {}

  #cobo(): HttpAnswer {
    const move = this.#toCobo[this.#coboRequests++];
    if (move?.kind === 'broken') throw new TransportError('the connection was cut', move.sent);
    if (move?.kind === 'cobo') return move.sign ? signedBy(SIGNER, move.answer) : move.answer;
    const body = Buffer.from(JSON.stringify(COBO_ANSWERS.grant));
    return signedBy(SIGNER, { status: 200, headers: {}, body });
  }
}

const BASE = {
  ...GOOD,
  'response-public-key': SIGNER.publicKey,
  'secret-stores': 'repository\nenvironment:cobo',
  'access-token-secret': 'COBO_ACCESS',
  'expires-at-variable': 'COBO_EXPIRY',
};

const bases = fc.constantFrom<Record<string, string>>(
  BASE,
  { ...BASE, 'org-id': 'org-of-the-fuzzing' },
  { ...BASE, 'org-id': 'org-of-the-fuzzing', 'refresh-token': '' },
  { ...BASE, 'refresh-token-secret': '', 'access-token-secret': '', 'expires-at-variable': '' },
  {
    ...BASE,
    'access-token': SECRETS.storedAccessToken,
    'expires-at': '2026-03-01T12:10:00Z',
    'min-validity': '900',
  },
  { ...BASE, 'dry-run': 'true' },
);

const usual = fc.record({
  inputs: bases,
  toCobo: fc.array(coboMove, { minLength: 1, maxLength: 5, size: 'max' }),
  toGitHub: fc.oneof(fc.constant([]), fc.array(githubMove, { minLength: 16, maxLength: 16 })),
  stubborn: fc.constantFrom('', '', '', '/public-key', '/runs/', '/COBO_REFRESH', '/variables', '_PROBE'),
  debug: fc.boolean(),
});

const withOddInputs = fc.record({
  inputs: bases.chain((base) => oddInputs(base, { right: 40, odd: 1 })),
  toCobo: fc.array(coboMove, { maxLength: 1 }),
  toGitHub: fc.constant<Move[]>([]),
  stubborn: fc.constant(''),
  debug: fc.boolean(),
});

interface Case {
  inputs: Record<string, string>;
  toCobo: readonly Move[];
  toGitHub: readonly Move[];
  stubborn: string;
  debug: boolean;
}

async function run({ inputs, toCobo, toGitHub, stubborn, debug }: Case): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    const summary = join(folder, 'summary.md');
    const witness = new Witness(inputs, summary);
    const services = new Services(toCobo, toGitHub, stubborn);
    const clock = new HeldClock();
    const signals = new EventEmitter();
    const began = performance.now();
    const exit = await refresh({
      toolkit: witness.toolkit,
      env: { GITHUB_STEP_SUMMARY: summary, ...(debug ? { RUNNER_DEBUG: '1' } : {}) },
      facts: {
        repository: 'octo/app',
        runId: 1658821493,
        runAttempt: 1,
        jobStartedAt: NOON,
        apiUrl: 'https://github.test/api/v3',
      },
      http: services,
      clock,
      signals,
    });
    const ms = performance.now() - began;
    const state = witness.outputs['token-state'] ?? 'none';
    const found = witness.breachesOf();
    if (exit !== 0 && exit !== 1) found.push(`exit status ${exit}`);
    if (witness.errors.length !== exit) found.push(`${witness.errors.length} errors, exit status ${exit}`);
    if (witness.errors.some((text) => text.includes('the action did not expect'))) {
      found.push(`an error that nobody foresaw: ${witness.errors.join()}`);
    }
    if (exit === 1 && !witness.errors[0]?.includes(`[token-state: ${state}]`))
      found.push('no state in the error');
    if (state === 'none') found.push('no token-state');
    if (services.requests > MOST_REQUESTS) found.push('requests without end');
    if (clock.waits.some((wait) => !(wait > 0 && wait <= LONGEST_WAIT_MS))) found.push('a wait without end');
    if (SIGNALS.some((signal) => signals.listenerCount(signal) > 0))
      found.push('a signal that is still heard');
    if (ms > SLOWEST_CASE_MS) found.push(`it took ${Math.round(ms)} ms`);
    if (state === 'sealed')
      openEnvelope(witness.outputs['recovery-envelope'] ?? '', SEED, inputs['client-id'] ?? CLIENT_ID);
    expectNone(found);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const runTargets = [
  target('whole runs, with odd answers', 1_200, usual, run),
  target('whole runs, with odd inputs', 1_000, withOddInputs, run),
];
