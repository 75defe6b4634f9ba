import type { Moment } from '../emulators/faults.ts';
import type { Mishap, PlannedMishap, Target } from './plan.ts';
import type { Random } from './random.ts';

/** Mishaps for one run, at every step of both services. */
export function drawMishaps(random: Random, count: number): PlannedMishap[] {
  return Array.from({ length: count }, () => (random.chance(0.45) ? atCobo(random) : atGitHub(random)));
}

function atCobo(random: Random): PlannedMishap {
  const target = random.weighted<Target>([
    [5, 'refresh'],
    [1, 'implicit'],
    [1, 'any'],
  ]);
  return { service: 'cobo', target, mishap: coboMishap(random), ...repetition(random) };
}

function atGitHub(random: Random): PlannedMishap {
  const target = random.weighted<Target>([
    [1, 'key'],
    [1, 'about'],
    [1, 'run'],
    [0.5, 'variable'],
    [2, 'probe-write'],
    [2, 'probe-delete'],
    [6, 'store'],
    [1, 'store-access'],
    [1, 'store-variable'],
    [2, 'any'],
  ]);
  return { service: 'github', target, mishap: gitHubMishap(random, target), ...repetition(random) };
}

function repetition(random: Random): Pick<PlannedMishap, 'skip' | 'times'> {
  const times = random.weighted<number | null>([
    [6, 1],
    [3, 2],
    [1, 3],
    [1, null],
  ]);
  return { skip: random.chance(0.7) ? 0 : random.int(1, 3), times };
}

/** What the line may do to any request. */
function onTheLine(random: Random): Mishap {
  return random.weighted<Mishap>([
    [2, { kind: 'refuse' }],
    [2, { kind: 'cut', when: 'before' }],
    [3, { kind: 'cut', when: 'during' }],
    [3, { kind: 'cut', when: 'after' }],
    [2, { kind: 'delay', when: random.pick(['before', 'after']) }],
    [1, { kind: 'hang', when: random.pick(['before', 'after']) }],
    [0.7, { kind: 'late' }],
    [0.3, { kind: 'drip' }],
    [0.3, { kind: 'flood' }],
    [0.5, { kind: 'redirect' }],
  ]);
}

/**
 * Cobo never lies under its own signature here, and a proxy answers 414 and 429 before it has handed a
 * request on: both are facts that the action is told to build on.
 */
function coboMishap(random: Random): Mishap {
  const when = random.pick<Moment>(['before', 'after']);
  const signed = random.chance(0.5);
  return random.weighted<Mishap>([
    [8, onTheLine(random)],
    [3, { kind: 'status', status: random.pick([500, 502, 503, 504]), when, signed }],
    [1, { kind: 'status', status: 502, when, html: true }],
    [1, { kind: 'status', status: random.pick([400, 403, 404, 451]), when, html: signed }],
    [1, { kind: 'status', status: random.pick([400, 403]), when: 'before', signed: true }],
    [1, { kind: 'status', status: 429, when: 'before', signed, retryAfter: random.int(0, 1) }],
    [0.3, { kind: 'status', status: 414, when: 'before', html: true }],
    [1, { kind: 'unsigned' }],
    [1, { kind: 'bad-signature' }],
    [1, { kind: 'foreign-signature' }],
    [0.6, { kind: 'malformed-access' }],
    [0.3, { kind: 'malformed-refresh' }],
  ]);
}

function gitHubMishap(random: Random, target: Target): Mishap {
  const when = random.pick<Moment>(['before', 'after']);
  const status = random.pick([500, 502, 503, 504]);
  const final = random.pick([400, 403, 409, 422]);
  return random.weighted<Mishap>([
    [8, onTheLine(random)],
    [3, { kind: 'status', status, when, html: random.chance(0.3) }],
    // A 409 or 422 to a variable that was written all the same would be GitHub contradicting itself.
    [1, { kind: 'status', status: final, when: 'before' }],
    [1, { kind: 'status', status: random.pick([403, 429]), when: 'before', retryAfter: random.int(0, 1) }],
    [0.5, { kind: 'primary-limit' }],
    [target === 'store' || target === 'probe-write' ? 3 : 1, { kind: 'rotate-key' }],
    [1.5, { kind: 'revoke', scope: random.pick(['token', 'owner', 'write']) }],
  ]);
}
