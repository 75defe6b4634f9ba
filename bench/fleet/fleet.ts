import { limiter } from '../../src/retry.ts';
import { Chance } from './chance.ts';
import { buildEstate, drawOutages, type Estate, Organization, START } from './estate.ts';
import { type JobEnd, type Mishap, REPOSITORY, runJob } from './job.ts';
import { Tally, type Totals } from './tally.ts';

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
}

const HOUR = 3_600_000;
const EVERY = 6 * HOUR;
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
/** How often a person starts a run with an envelope. */
const MOST_TRIES = 4;
/** Mishaps come while something is going on. */
const MISHAP_MS = 3_000;

/** Plays a fleet's rotations, every six hours. */
export async function playFleet(plan: FleetPlan): Promise<Totals> {
  const chance = new Chance(plan.seed);
  const estate = buildEstate(chance, drawOutages(new Chance(plan.seed + 1), OUTAGES, plan.days));
  const { time, github } = estate;
  const tally = new Tally();
  const members = Array.from({ length: plan.organizations }, (_, index) => {
    const token = plan.writer === 'own' ? `installation-${index}` : 'shared-writer';
    if (plan.writer === 'own' || index === 0) addWriter(estate, token);
    const extras = plan.extras
      ? { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' }
      : {};
    const organization = new Organization(estate, index, token, extras);
    // Every second one gives `org-id`, and heals itself.
    return new Member(organization, index % 2 === 1, estate, tally);
  });
  const runners = limiter(RUNNERS);
  const groups = groupsOf(members, plan.schedule);
  for (let slot = 0; slot < (plan.days * 24 * HOUR) / EVERY; slot++) {
    for (const { after, parallel, some } of groups) {
      time.after(slot * EVERY + after, () => {
        const turns = limiter(parallel);
        for (const member of some) {
          void turns(() => runners(() => member.rotate()));
        }
      });
    }
  }
  await time.run();
  return tally.totals(github.usage, time.now() - START);
}

function addWriter({ github }: Estate, token: string): void {
  const all = { secrets: 'write', environments: 'write', variables: 'write' } as const;
  github.addToken({ token, grants: [{ repo: REPOSITORY, ...all }] });
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
  readonly #organization: Organization;
  readonly #hasOrgId: boolean;
  readonly #estate: Estate;
  readonly #tally: Tally;
  #isBusy = false;
  #storedAt = START;

  constructor(organization: Organization, hasOrgId: boolean, estate: Estate, tally: Tally) {
    this.#organization = organization;
    this.#hasOrgId = hasOrgId;
    this.#estate = estate;
    this.#tally = tally;
  }

  /** One scheduled job, from its queue to its end, and a person's help where it needs one. */
  async rotate(): Promise<void> {
    const { chance, time } = this.#estate;
    // The concurrency group still holds an earlier one.
    if (this.#isBusy) return this.#tally.skipped();
    this.#isBusy = true;
    await time.sleep(chance.between(5_000, 25_000));
    const mishap: Mishap = { cancelledAfter: TIMEOUT_MS };
    if (chance.happens(CANCELLED)) mishap.cancelledAfter = chance.between(0, MISHAP_MS);
    if (chance.happens(LOST)) mishap.lostAfter = chance.between(0, MISHAP_MS);
    const end = await this.#run(mishap, {});
    if (this.#tally.rotation(end)) this.#stored();
    await time.sleep(chance.between(2_000, 5_000));
    if (this.#organization.isWell) this.#isBusy = false;
    else void this.#help(end);
  }

  #stored(): void {
    const now = this.#estate.time.now();
    this.#tally.gap(now - this.#storedAt);
    this.#storedAt = now;
  }

  #run(mishap: Mishap, more: Record<string, string>): Promise<JobEnd> {
    const own = this.#hasOrgId ? { 'org-id': this.#organization.orgId } : {};
    return runJob(this.#estate.network, { ...this.#organization.inputs(), ...own, ...more }, mishap);
  }

  /** The next run would fail, unless it heals itself. */
  async #help(end: JobEnd): Promise<void> {
    const { chance, time } = this.#estate;
    if (this.#hasOrgId) {
      this.#isBusy = false;
      this.#tally.heals();
      return;
    }
    const envelope = envelopeOf(end);
    this.#tally.person(this.#organization.environment, end, envelope !== undefined);
    await time.sleep(chance.between(HOUR, 5 * HOUR));
    let last = end;
    // GitHub or Cobo may be down: a person tries again later.
    for (let tries = 0; envelope !== undefined && !this.#organization.isWell && tries < MOST_TRIES; tries++) {
      if (tries > 0) await time.sleep(HOUR);
      last = await this.#run({}, { 'recovery-envelope': envelope });
    }
    if (this.#organization.isWell) this.#stored();
    else {
      if (envelope !== undefined) this.#tally.envelopeFailed(this.#organization.environment, last);
      this.#organization.install();
    }
    this.#isBusy = false;
  }
}

/** The envelope that a person finds: in the outputs, unless they went with the machine, or in the log. */
function envelopeOf({ main, post }: JobEnd): string | undefined {
  const output = main.status === 'lost' ? '' : (main.outputs['recovery-envelope'] ?? '');
  const lines = [...main.log, ...(post?.log ?? [])];
  const shown = lines.find((line) => line.startsWith('recovery-envelope: '))?.slice('recovery-envelope: '.length);
  return output === '' ? shown : output;
}
