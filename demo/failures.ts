import type { StepResult } from '../emulators/runner/step.ts';
import { REPOSITORY, SECRET, STORE, type Stage } from '../emulators/stage.ts';
import type { Transcript } from './transcript.ts';

type Show = (stage: Stage, out: Transcript) => Promise<void>;

/** What `npm run demo -- --fail NAME` can show: how a failure looks, and how to come back from it. */
export const FAILURES: Record<string, Show> = {
  permission: async (stage, out) => {
    out.title('The token in `github-token` may read secrets, but not write them');
    stage.github.setGrant(stage.writer, { repo: REPOSITORY, secrets: 'read', actions: 'read' });
    const failed = await tell(stage, out, {});
    out.check(failed.exitCode === 1 && failed.outputs['token-state'] === 'unspent', 'the run ended unspent');
    out.check(stage.cobo.requests.length === 0, 'Cobo was not called: nothing was spent');
    out.title('The way back: give the permission, run again');
    stage.github.setGrant(stage.writer, { repo: REPOSITORY, secrets: 'write', actions: 'read' });
    recovered(stage, out, await tell(stage, out, {}));
  },

  stale: async (stage, out) => {
    out.title('Another run has rotated the token while this one waited in the queue');
    const other = await stage.run();
    out.check(other.exitCode === 0, 'the other run rotated the token');
    stage.github.setSecret(STORE, SECRET, stage.github.secretValue(STORE, SECRET) ?? '');
    const failed = await tell(stage, out, {});
    out.check(failed.outputs['token-state'] === 'unspent', 'the run refused to spend a stale token');
    out.check(stage.cobo.requests.length === 1, 'Cobo saw nothing of it');
    out.title('The way back: run the job again, it reads the secret afresh');
    stage.github.addRun(REPOSITORY, { id: 7, created_at: new Date(stage.github.clock + 1000).toISOString() });
    const fresh = { 'refresh-token': stage.github.secretValue(STORE, SECRET) };
    recovered(stage, out, await tell(stage, out, fresh, '7'));
  },

  storing: async (stage, out) => {
    out.title('GitHub breaks down right after Cobo has rotated the token');
    stage.github.faults.add({
      match: { method: 'PUT', path: new RegExp(`/${SECRET}$`) },
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'status', status: 502, body: '<html>bad gateway</html>', when: 'before' },
    });
    const failed = await tell(stage, out, { 'max-attempts': '2' });
    const envelope = failed.outputs['recovery-envelope'];
    out.check(failed.outputs['token-state'] === 'sealed', 'the rotated token is sealed in the envelope');
    out.title('The way back: start a run with the envelope');
    stage.github.faults.clear();
    recovered(stage, out, await tell(stage, out, { 'recovery-envelope': envelope, 'refresh-token': '' }));
  },

  'lost-answer': async (stage, out) => {
    out.title('The connection breaks after Cobo has rotated the token, before its answer arrives');
    stage.cobo.faults.add({ fault: { kind: 'cut', when: 'after' } });
    const failed = await tell(stage, out, {});
    out.check(failed.outputs['token-state'] === 'unknown', 'the run says plainly that it does not know');
    out.title('The way back: with `org-id` the action heals itself');
    recovered(stage, out, await tell(stage, out, { 'org-id': stage.cobo.client.orgId }));
  },

  signature: async (stage, out) => {
    out.title("Cobo's answer arrives with a wrong signature");
    stage.cobo.faults.add({ fault: { kind: 'bad-signature' } });
    const failed = await tell(stage, out, {});
    out.check(failed.outputs['access-token'] === undefined, 'nothing of it was handed out or stored');
    const envelope = failed.outputs['recovery-envelope'];
    out.check(envelope !== undefined, 'what it carried is sealed, in case it was genuine');
    out.title('The way back, once the cause is found: start a run with the envelope');
    recovered(stage, out, await tell(stage, out, { 'recovery-envelope': envelope, 'refresh-token': '' }));
  },
};

async function tell(
  stage: Stage,
  out: Transcript,
  inputs: Record<string, string | undefined>,
  runId?: string,
): Promise<StepResult> {
  const result = await stage.run(inputs, runId === undefined ? {} : { github: { run_id: runId } });
  out.log(result);
  out.note(`exit status ${result.exitCode}, token-state ${result.outputs['token-state']}`);
  out.summary(result);
  out.check(stage.leaks(result).length === 0, 'no secret is readable in log or summary');
  return result;
}

function recovered(stage: Stage, out: Transcript, result: StepResult): void {
  const stored = stage.github.secretValue(STORE, SECRET);
  out.check(result.exitCode === 0 && result.outputs['token-state'] === 'stored', 'the run succeeded');
  out.check(
    stored !== undefined && stage.cobo.state(stored) === 'living',
    `the secret ${SECRET} holds the living refresh token again`,
  );
}
