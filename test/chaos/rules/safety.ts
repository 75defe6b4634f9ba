import { SECRET } from '../../../emulators/stage.ts';
import { isUndecided, nameOf, pathOf, recordOf, type Told, toldOf } from '../facts.ts';
import { isTarget } from '../faults.ts';
import type { Story } from '../story.ts';
import type { Seen } from '../world.ts';
import type { Violation } from './all.ts';

/** No record has to stay: the token is still good, or nobody can have its successor. */
const GIVES_BACK = ['unspent', 'kept', 'unknown'];

/** A run that nothing stands against has to end well. */
export function plainRunSucceeds({ world, run, name, ending, isUndisturbed }: Told): Violation {
  const { full, orgId, saves } = world.setting;
  const { plan, token, main, overlapped, envelope, tokenWasLiving } = run;
  if (name === 'post' || !world.writesBack || !isUndisturbed || (full && saves === 'all')) return undefined;
  if (plan.start !== 'fresh' || overlapped || envelope !== undefined || ending.exitCode === 0) return undefined;
  const record = recordOf(world, token);
  const before = world.writes.slice(0, main.writesFrom).filter((write) => write.name === record);
  const last = world.stage.stores.map((store) => before.findLast((write) => write.store === store)?.operation);
  const isUsable = tokenWasLiving && last.every((operation) => (operation ?? 'delete') === 'delete');
  const mayFail = orgId === 'allowed' ? plan.dryRun : !isUsable;
  return !mayFail && `nothing stood against it, and it failed: ${ending.errors.join()}`;
}

/** After a post step that nothing stands against, the stores are alive wherever that is in its hands. */
export function postStepHeals({ world, run, name, step, requests, isUndisturbed, allExchanges }: Told): Violation {
  const { main, plan, token, overlapped } = run;
  if (name === 'main' || !world.writesBack || overlapped || step.ending.stopped !== undefined) return undefined;
  if (main.ending.stopped === 'lost' || plan.main.broken !== undefined) return undefined;
  const { 'token-state': state, 'recovery-envelope': envelope = '' } = main.ending.outputs;
  if (state !== 'unknown' && state !== 'sealed') return undefined;
  // A person has to decide.
  if (allExchanges.some(({ seen, arrival }) => !seen.isPost && arrival === 'untrusted')) return undefined;
  const inHand = state === 'sealed' ? world.open(envelope) : token;
  const canHeal = main.living.includes(inHand ?? '') || (state === 'unknown' && world.setting.orgId === 'allowed');
  const struck = requests.flatMap(({ fault, record }) => (fault === undefined ? [] : record.path));
  const lacking = world.stores.filter((store, at) => {
    // To store a successor, nothing but the store is needed.
    const isFree = isUndisturbed || (state === 'sealed' && !struck.some((path) => path.startsWith(pathOf(store))));
    return isFree && plan.post.broken === undefined && !step.living.includes(step.values[at] ?? '');
  });
  if (!canHeal || lacking.length === 0) return undefined;
  const why = step.ending.errors.join();
  return `the main step ended ${state}, and after the post step ${lacking.join()} holds no living token: ${why}`;
}

/** Storing is never given up before `max-attempts`, and an encryption key that was refused is read again. */
export function persists({ world, run, name, ending, state, requests, exchanges, allWrites }: Told): Violation {
  if (name === 'post' || !world.writesBack || state !== 'sealed') return undefined;
  if (ending.exitCode === null || run.plan.main.broken !== undefined) return undefined;
  if (!exchanges.some(({ issued, arrival }) => issued && arrival === 'whole')) return undefined;
  const isStored = (store: string) => allWrites.some((write) => write.store === store && write.name === SECRET);
  return world.stores.flatMap((store) => {
    if (isStored(store)) return [];
    const of = (method: string, end: string) =>
      requests.filter(({ record }) => record.method === method && record.path === `${pathOf(store)}/${end}`);
    const puts = of('PUT', SECRET);
    const keys = of('GET', 'public-key').filter(({ seq }) => seq > (puts[0]?.seq ?? 0));
    const attempts = puts.length + keys.filter(({ fault }) => fault !== undefined).length;
    if (attempts < world.setting.attempts) {
      return `storing in ${store} was given up after ${puts.length} of ${world.setting.attempts} attempts`;
    }
    const isRefused = puts.slice(0, -1).some(({ record }) => record.status === 422);
    return isRefused && keys.length === 0 ? `the encryption key of ${store} was not read again after a 422` : [];
  });
}

/** A post step leaves alone what somebody else has written since its main step. */
export function overwrites({ world, run, name, step, allWrites }: Told): Violation {
  if (name === 'main' || !world.writesBack) return undefined;
  const { writes } = world;
  return allWrites.flatMap(({ name: target, store, number }) => {
    if (target !== SECRET || number < step.writesFrom) return [];
    const earlier = writes.slice(run.main.writesFrom, number);
    const before = earlier.findLast((write) => write.store === store && write.name === SECRET);
    const isForeign = before !== undefined && before.token !== world.writer(run.run);
    // What is written while it runs it need not see.
    if (!isForeign || before.number >= step.writesFrom) return [];
    return `replaced in ${store} what another run had stored since`;
  });
}

/** No refresh token is sent by two runs, unless the first one was over and had given it back. */
export function exclusiveness(story: Story): string[] {
  const { world } = story;
  if (!world.writesBack || world.setting.full) return [];
  const lasts = toldOf(story).filter(({ isLast }) => isLast);
  const senders = lasts.flatMap((told) => {
    const firsts = new Map(told.allExchanges.toReversed().map(({ sent, seen }) => [sent, seen.seq]));
    return [...firsts].map(([sent, first]) => ({ told, sent, first }));
  });
  senders.sort((a, b) => a.first - b.first);
  return senders.flatMap(({ told, sent, first }, index) => {
    const before = senders.slice(0, index).findLast((other) => other.sent === sent)?.told;
    if (sent === undefined || before === undefined || gaveBack(before, sent, first)) return [];
    // Such a run may have deleted a record that was not its own.
    const isOpen = story.runs.some((run) => run.token === sent && isUndecided(story, run));
    if (isBlind(told) || isOpen) return [];
    return `${nameOf(before.run)} and ${nameOf(told.run)} both sent the same refresh token to Cobo`;
  });
}

/** When it was queued is kept from it, and it says so: what was stored since may be older than its job. */
function isBlind({ run, world }: Told): boolean {
  const refused = ({ fault, record, run: by }: Seen) =>
    by === run.run && isTarget('run', record) && /^40[34]$/.test(fault ?? '');
  return run.plan.start === 'early' && (!world.setting.mayReadRun || world.log.some(refused));
}

function gaveBack(told: Told, token: string, moment: number): boolean {
  const { story, world, run, step, lastState, allExchanges } = told;
  const record = recordOf(world, token);
  const isKept = allExchanges.some(({ sent, issued, arrival }) => sent === token && !issued && arrival === 'whole');
  if (story.deleted.includes(record) || isKept) return true;
  // Of a machine that was lost nothing is left but what it did.
  const lastWrite = told.allWrites.findLast(({ name }) => name === record);
  if (run.main.ending.stopped === 'lost') return lastWrite?.operation === 'delete';
  // A main step that is over may have given it back, whatever the post step does later.
  const state = step.to <= moment ? lastState : run.main.ending.outputs['token-state'];
  return run.main.to <= moment && GIVES_BACK.includes(state ?? '');
}
