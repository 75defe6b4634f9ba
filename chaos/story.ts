import type { Act } from './act.ts';
import { digest } from './digest.ts';
import { envelopesIn } from './envelope.ts';
import { type Pace, REFRESH_SECRET } from './mishaps.ts';
import type { Plan } from './plan.ts';
import { judge } from './referee.ts';
import { inputsOf, type Performer, type Script } from './script.ts';
import { REPOSITORY, Theatre } from './theatre.ts';

/** What came of one seed. */
export interface Story {
  plan: Plan;
  acts: Act[];
  violations: string[];
  /** The machine was too slow to conclude anything. */
  tooSlow: boolean;
}

const RUN_ID = 1_000_000;
/** How long the queued run has waited when the first one starts. */
const IN_QUEUE_MS = 30_000;
/**
 * Later runs read their secrets this long after the first one has ended: GitHub counts whole seconds, so
 * that what happens within one or two cannot be put in order.
 */
const LATER_MS = 3_000;

/** Plays all runs that a plan calls for, one after the other, each judged as soon as it is over. */
export async function playStory(
  plan: Plan,
  performer: Performer,
  pace: Pace,
  now: () => number,
): Promise<Story> {
  const theatre = await Theatre.open(plan, pace, now);
  const story: Story = { plan, acts: [], violations: [], tooSlow: false };
  const play = (part: Part) => playAct(theatre, performer, story, part);
  try {
    const begun = now();
    const { mishaps, interruption } = plan;
    const token = plan.token === 'none' ? undefined : theatre.firstToken;
    const first = await play({
      role: 'first',
      token,
      mishaps,
      interruption,
      readAt: begun - 2_000,
      jobAt: begun - 1_000,
      dryRun: plan.dryRun,
    });
    theatre.grantAll();
    theatre.cobo.omitRefreshToken = false;
    const later = () => now() + LATER_MS;
    if (plan.queued !== undefined) {
      const old = begun - IN_QUEUE_MS;
      const late = plan.queued === 'read-at-job-start' && theatre.hasEnvironment;
      await play({
        role: 'queued',
        token: late ? theatre.stored('environment') : theatre.firstToken,
        mishaps: plan.queuedMishaps,
        readAt: old,
        jobAt: plan.queued === 'read-at-old-job-start' ? old : later(),
      });
      theatre.grantAll();
    }
    const envelope = envelopeOf(first);
    if (envelope !== undefined)
      await play({ role: 'recovery', token, envelope, readAt: later(), jobAt: later() });
    if (plan.followUp || isInDoubt(first)) {
      const next = plan.refreshTokenSecret
        ? theatre.stored()
        : (first.ending.outputs['refresh-token'] ?? token);
      await play({ role: 'follow-up', token: next, readAt: later(), jobAt: later() });
    }
  } finally {
    await theatre.close();
  }
  return story;
}

/** With `org-id` the next run has to put right what a lost answer or a kill has broken. */
function isInDoubt({ setting, ending }: Act): boolean {
  return setting.orgId === 'allowed' && (ending.killed || ending.outputs['token-state'] === 'unknown');
}

function envelopeOf({ ending }: Act): string | undefined {
  return (
    ending.outputs['recovery-envelope'] ?? (ending.killed ? envelopesIn(ending.rawSummary)[0] : undefined)
  );
}

interface Part
  extends Pick<Script, 'role' | 'token'>,
    Partial<Pick<Script, 'envelope' | 'mishaps' | 'interruption'>> {
  /** When the run was queued, by the runner's clock. */
  readAt: number;
  jobAt: number;
  dryRun?: boolean;
}

async function playAct(theatre: Theatre, performer: Performer, story: Story, part: Part): Promise<Act> {
  const { role, token, envelope, mishaps = [], interruption, readAt, jobAt } = part;
  const { cobo, github, plan } = theatre;
  const runId = RUN_ID + story.acts.length;
  const queuedAt = readAt + plan.clockSkewMs;
  github.addRun(REPOSITORY, { id: runId, created_at: queuedAt });
  if (role === 'first') cobo.omitRefreshToken = plan.omitRefreshToken;
  const inputs = {
    ...inputsOf(theatre, token, envelope, mishaps),
    ...(part.dryRun === true ? { 'dry-run': 'true' } : {}),
  };
  const used = envelope === undefined ? token : theatre.open(envelope);
  const before = {
    stores: theatre.storeFacts(),
    updatedAt: theatre.stores.map(({ label }) => github.secretMeta(label, REFRESH_SECRET)?.updatedAt ?? 0),
    historyLength: cobo.history.length,
    tokenLives: used !== undefined && cobo.state(used) === 'living',
  };
  const script: Script = {
    role,
    inputs,
    runId,
    queuedAt,
    jobStartedAt: jobAt,
    token: used,
    envelope,
    mishaps,
    interruption,
  };
  const performance = await performer(theatre, script);
  const act = digest(theatre, script, performance, before);
  story.acts.push(act);
  story.tooSlow ||= performance.tooSlow;
  if (!story.tooSlow) story.violations.push(...judge(act));
  return act;
}
