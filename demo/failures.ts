import type { Job } from '../emulators/runner/job.ts';
import { REPOSITORY, SECRET, type Stage } from '../emulators/stage.ts';
import { type Play, type Played, play, recordsIn, storedToken } from './play.ts';
import { nextSecond, type Transcript } from './transcript.ts';

/** How a failure looks, what the post step makes of it, and the way back. */
type Show = (stage: Stage, out: Transcript) => Promise<void>;

const STORING = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
const BROKEN_DOWN = {
  match: STORING,
  times: Number.POSITIVE_INFINITY,
  fault: { kind: 'status', status: 502, body: '<html>bad gateway</html>', when: 'before' },
} as const;

/** What `npm run demo -- --fail NAME` can show. */
export const FAILURES = {
  permission: async (stage, out) => {
    out.title('The token in `github-token` may read secrets, but not write them');
    stage.github.setGrant(stage.writer, { repo: REPOSITORY, secrets: 'read', environments: 'read' });
    await tell(stage, out, {}, 'unspent');
    out.check(stage.cobo.requests.length === 0, 'Cobo was not called: nothing was spent');
    out.title('The way back: give the permission, run again');
    stage.github.setGrant(stage.writer, { repo: REPOSITORY, secrets: 'write', environments: 'write' });
    await tell(stage, out, {}, 'stored');
  },

  stale: async (stage, out) => {
    out.title('Another run has rotated the token after this job read it');
    const old = storedToken(stage);
    const startedAt = new Date();
    await nextSecond();
    const other = await play(stage);
    out.check(other.main.result.outputs['token-state'] === 'stored', 'the other run rotated the token');
    await tell(stage, out, { inputs: { 'refresh-token': old }, startedAt }, 'unspent');
    out.check(stage.cobo.requests.length === 1, 'Cobo saw nothing of this run');
    out.title('The way back: run the job again, it reads the secret afresh');
    await nextSecond();
    await tell(stage, out, {}, 'stored');
  },

  storing: async (stage, out) => {
    out.title('GitHub breaks down right after Cobo has rotated the token');
    stage.github.faults.add(BROKEN_DOWN);
    const between = () => stage.github.faults.clear();
    await tell(stage, out, { inputs: { 'max-attempts': '2' }, between }, 'sealed', 'stored');
  },

  envelope: async (stage, out) => {
    out.title('GitHub breaks down right after Cobo has rotated the token, and stays down');
    stage.github.faults.add(BROKEN_DOWN);
    const main = await tell(stage, out, { inputs: { 'max-attempts': '2' } }, 'sealed', 'sealed');
    const envelope = main.result.outputs['recovery-envelope'];
    out.title('The way back: start a run with the envelope');
    stage.github.faults.clear();
    await tell(stage, out, { inputs: { 'recovery-envelope': envelope } }, 'stored');
  },

  killed: async (stage, out) => {
    out.title('The process is killed after Cobo has rotated the token, before its answer arrives');
    killDuringRefresh(stage, (job) => job.kill());
    const inputs = { 'org-id': stage.cobo.client.orgId };
    const onStart = (job: Job) => jobs.set(stage, job);
    await tell(stage, out, { inputs, onStart }, 'unknown', 'stored');
  },

  'lost-machine': async (stage, out) => {
    out.title('The machine is lost after Cobo has rotated the token: no post step can run');
    killDuringRefresh(stage, (job) => job.loseMachine());
    await play(stage, { onStart: (job) => jobs.set(stage, job) });
    out.check(recordsIn(stage).length === 1, 'what is left is the in-flight record of the token');
    out.title('The next run finds the record, and does not send the token again');
    await nextSecond();
    await tell(stage, out, {}, 'unspent');
    out.title('The way back: with `org-id` the action obtains a fresh pair of tokens');
    await tell(stage, out, { inputs: { 'org-id': stage.cobo.client.orgId } }, 'stored');
  },

  'lost-answer': async (stage, out) => {
    out.title('Cobo cannot be reached: every connection breaks before an answer');
    const times = Number.POSITIVE_INFINITY;
    stage.cobo.faults.add({ fault: { kind: 'cut', when: 'before' }, times });
    const between = () => stage.cobo.faults.clear();
    await tell(stage, out, { inputs: { 'max-attempts': '2' }, between }, 'unknown', 'stored');
  },

  signature: async (stage, out) => {
    out.title("Cobo's answer arrives with a wrong signature");
    stage.cobo.faults.add({ fault: { kind: 'bad-signature' } });
    const main = await tell(stage, out, {}, 'sealed', 'sealed');
    out.check(main.result.outputs['access-token'] === undefined, 'nothing of the answer was handed out or stored');
    const envelope = main.result.outputs['recovery-envelope'];
    out.title('The way back, once the cause is found: start a run with the envelope');
    await tell(stage, out, { inputs: { 'recovery-envelope': envelope } }, 'stored');
  },
} as const satisfies Record<string, Show>;

/** The job that a fault is to strike: faults are set before there is one. */
const jobs = new WeakMap<Stage, Job>();

function killDuringRefresh(stage: Stage, strike: (job: Job) => Promise<void>): void {
  const run = async () => {
    const job = jobs.get(stage);
    if (job !== undefined) await strike(job);
  };
  stage.cobo.faults.add({
    fault: { kind: 'hook', when: 'after', run, next: { kind: 'cut', when: 'after' } },
  });
}

/**
 * Plays a job, tells it, and checks how it ended.
 * @param left what has become of the refresh token after the main step
 * @param finished the same after the post step; undefined where that has nothing to do
 */
async function tell(stage: Stage, out: Transcript, how: Play, left: string, finished?: string): Promise<Played> {
  const { main, post } = await play(stage, how);
  out.story(main.happenings);
  out.summary(main.result);
  out.gap();
  out.check(main.result.outputs['token-state'] === left, `token-state is \`${left}\``);
  out.check(
    (main.result.exitCode === 0) === (left === 'stored'),
    `the main step ${left === 'stored' ? 'succeeded' : 'failed'}`,
  );
  let told = left;
  if (finished !== undefined && post !== undefined) {
    out.title('The post step of the same job');
    out.story(post.happenings);
    out.summary(post.result);
    out.gap();
    out.check(
      (post.result.exitCode === 0) === (finished === 'stored'),
      `the post step ${finished === 'stored' ? 'put it right' : 'says what a person has to do'}`,
    );
    told = finished;
  } else {
    const said = post?.result.log ?? '';
    out.check(finished === undefined && said === '', 'the post step had nothing to do');
  }
  if (told === 'stored') {
    const stored = storedToken(stage) ?? '';
    out.check(stage.cobo.state(stored) === 'living', `the secret ${SECRET} holds the living refresh token`);
  }
  const results = [main.result, ...(post === undefined ? [] : [post.result])];
  out.check(
    results.every((one) => stage.leaks(one).length === 0),
    'no secret is readable in log or summary',
  );
  return main;
}
