import { limiter } from '../../src/retry.ts';
import { Chance } from './chance.ts';
import { buildEstate, drawOutages, type Estate, Organization, START } from './estate.ts';
import { type JobEnd, type Mishap, REPOSITORY, runJob } from './job.ts';
import { codeOf, sumOf, Tally, type Totals } from './tally.ts';

/** How the writer tokens and the schedule of a fleet are laid out. */
export interface FleetPlan {
  organizations: number;
  /** One token for all, or an App installation, with limits of its own, for each. */
  writer: 'shared' | 'own';
  /** All in the same minute, or spread over the six hours in small workflows with `max-parallel`. */
  schedule: 'at once' | 'spread';
  days: number;
  seed: number;
  /** Whether access token and expiry are stored too. */
  extras: boolean;
  /** Plays only these of the organizations, by their numbers from 0, with their share of the machines. */
  only: { from: number; to: number };
  /** The sizes that are told of: a fleet of so many is the first organizations of this one. */
  sizes: readonly number[];
  /** Stops after a week in which less than this share is stored: what comes later would tell nothing new. */
  enough: number;
}

const HOUR = 3_600_000;
const EVERY = 6 * HOUR;
/** So many rotations are a week. */
const WEEK = 28;
/** GitHub runs at most so many jobs of one matrix. */
const MATRIX = 256;
/** Jobs at once: what a plan of GitHub allows all workflows together. */
const RUNNERS = 60;
const SPREAD = { group: 50, parallel: 4 };
/** `timeout-minutes: 10`. */
const TIMEOUT_MS = 10 * 60_000;
const OUTAGES = 8;
const CANCELLED = 1 / 200;
const LOST = 1 / 1000;
/** How often a person starts a run with an envelope: an outage ends sometime. */
const MOST_TRIES = 24;
/** What a person waits out before the next try. */
const PASSING = ['cobo-unavailable', 'github-unavailable', 'rate-limited', 'store-failed'];
/** Mishaps come while something is going on. */
const MISHAP_MS = 3_000;

/** Plays a fleet's rotations, every six hours. @returns what was seen, for each size */
export async function playFleet(plan: FleetPlan): Promise<Totals[]> {
  const estate = buildEstate(drawOutages(new Chance(plan.seed + 1), OUTAGES, plan.days));
  const { time, github } = estate;
  const { from, to } = plan.only;
  const members = Array.from({ length: to - from }, (_, place) => new Member(plan, from + place, estate));
  const share = members.length / plan.organizations;
  const runners = limiter(Math.max(1, Math.round(RUNNERS * share)));
  const groups = groupsOf(members, plan.schedule);
  const slots = (plan.days * 24 * HOUR) / EVERY;
  let last = slots;
  time.after(WEEK * EVERY, () => {
    const { stored, rotations, skipped } = sumOf(members.map(({ tally }) => tally.totals));
    if (stored < plan.enough * (rotations + skipped)) last = WEEK;
  });
  for (let slot = 0; slot < slots; slot++) {
    for (const { after, parallel, some } of groups) {
      time.after(slot * EVERY + after, () => {
        if (slot >= last) return;
        const turns = limiter(parallel);
        for (const member of some) {
          void turns(() => runners(() => member.rotate()));
        }
      });
    }
  }
  await time.run();
  return plan.sizes.map((size) => {
    const some = members.slice(0, Math.max(0, size - from));
    const tokens = [...new Set(some.map(({ token }) => token))];
    const usages = tokens.map((token) => ({ ...sumOf([]), ...github.meters.usage(token) }));
    return { ...sumOf([...some.map(({ tally }) => tally.totals), ...usages]), days: (last * EVERY) / (24 * HOUR) };
  });
}

function groupsOf(members: readonly Member[], schedule: FleetPlan['schedule']) {
  const size = schedule === 'spread' ? SPREAD.group : MATRIX;
  const count = Math.ceil(members.length / size);
  return Array.from({ length: count }, (_, index) => ({
    some: members.slice(index * size, (index + 1) * size),
    after: schedule === 'spread' ? (index * EVERY) / count : 0,
    parallel: schedule === 'spread' ? SPREAD.parallel : MATRIX,
  }));
}

/** An organization, and whoever looks after it. */
class Member {
  /** Its writer token. */
  readonly token: string;
  readonly tally: Tally;
  readonly #organization: Organization;
  readonly #hasOrgId: boolean;
  readonly #estate: Estate;
  /** Its own, so that what happens to it does not depend on the others. */
  readonly #chance: Chance;
  #isBusy = false;
  #storedAt = START;

  constructor({ writer, extras, seed }: FleetPlan, index: number, estate: Estate) {
    this.token = writer === 'own' ? `installation-${index}` : 'shared-writer';
    const all = { secrets: 'write', environments: 'write', variables: 'write' } as const;
    estate.github.addToken({ token: this.token, grants: [{ repo: REPOSITORY, ...all }] });
    const more = extras ? { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' } : {};
    this.#organization = new Organization(estate, index, this.token, more);
    // Every second one gives `org-id`, and heals itself.
    this.#hasOrgId = index % 2 === 1;
    this.#estate = estate;
    this.#chance = Chance.of(seed, index);
    this.tally = new Tally(this.#organization.environment);
  }

  /** One scheduled job, from its queue to its end, and a person's help where it needs one. */
  async rotate(): Promise<void> {
    const { time } = this.#estate;
    const chance = this.#chance;
    // The concurrency group still holds an earlier one.
    if (this.#isBusy) {
      this.tally.totals.skipped += 1;
      return;
    }
    this.#isBusy = true;
    await time.sleep(chance.between(5_000, 25_000));
    const mishap: Mishap = { cancelledAfter: TIMEOUT_MS };
    if (chance.happens(CANCELLED)) mishap.cancelledAfter = chance.between(0, MISHAP_MS);
    if (chance.happens(LOST)) mishap.lostAfter = chance.between(0, MISHAP_MS);
    const end = await this.#run(mishap, {});
    if (this.tally.rotation(end)) this.#stored();
    await time.sleep(chance.between(2_000, 5_000));
    if (this.#organization.isWell) this.#isBusy = false;
    else void this.#help(end);
  }

  #stored(): void {
    const now = this.#estate.time.now();
    this.tally.gap(now - this.#storedAt);
    this.#storedAt = now;
  }

  #run(mishap: Mishap, more: Record<string, string>): Promise<JobEnd> {
    const own = this.#hasOrgId ? { 'org-id': this.#organization.orgId } : {};
    const machine = { network: this.#estate.network, chance: this.#chance };
    return runJob(machine, { ...this.#organization.inputs(), ...own, ...more }, mishap);
  }

  /** The next run would fail, unless it heals itself. */
  async #help(end: JobEnd): Promise<void> {
    if (this.#hasOrgId) {
      this.#isBusy = false;
      this.tally.totals.healed += 1;
      return;
    }
    const envelope = envelopeOf(end);
    this.tally.person(end, envelope !== undefined);
    await this.#estate.time.sleep(this.#chance.between(HOUR, 5 * HOUR));
    if (envelope !== undefined) await this.#runWith(envelope);
    if (this.#organization.isWell) this.#stored();
    else this.#organization.install();
    this.#isBusy = false;
  }

  /** A person starts a run with the newest envelope, and again an hour later where it is worth it. */
  async #runWith(first: string): Promise<void> {
    let envelope = first;
    for (let tries = 1; ; tries++) {
      const end = await this.#run({}, { 'recovery-envelope': envelope });
      if (this.#organization.isWell) return;
      const newer = envelopeOf(end);
      envelope = newer ?? envelope;
      const isWorthIt = newer !== undefined || PASSING.includes(codeOf(end.main.error));
      if (tries === MOST_TRIES || !isWorthIt) return this.tally.envelopeFailed(end);
      await this.#estate.time.sleep(HOUR);
    }
  }
}

/** The envelope that a person finds: in the outputs, unless they went with the machine, or in the log. */
function envelopeOf({ main, post }: JobEnd): string | undefined {
  const output = main.status === 'lost' ? '' : (main.outputs['recovery-envelope'] ?? '');
  const lines = [...main.log, ...(post?.log ?? [])];
  const shown = lines.find((line) => line.startsWith('recovery-envelope: '))?.slice('recovery-envelope: '.length);
  return output === '' ? shown : output;
}
