import { SECRET } from '../../../emulators/stage.ts';
import { firstTarget, isUndecided, pathOf, recordOf, type Told } from '../facts.ts';
import { isTarget } from '../faults.ts';
import type { Write } from '../world.ts';
import type { Violation } from './all.ts';

/** Before the first byte of a refresh the run has created its record in every store, unless that is full. */
export function recordedFirst({ story, world, run, exchanges, allWrites }: Told): Violation {
  if (world.setting.saves === 'nothing' || isUndecided(story, run)) return undefined;
  const lockless = recordOf(world, undefined);
  return exchanges.flatMap(({ seen, sent }) => {
    // org_implicit heals under the record of the token, or under one that locks nothing.
    const names = sent === undefined ? [recordOf(world, run.token), lockless] : [recordOf(world, sent)];
    const missing = world.stores.filter((store, index) => {
      if ((world.setting.full && index === 0) || (!world.writesBack && store.startsWith('dependabot'))) return false;
      const isIts = (write: Write) => write.store === store && names.includes(write.name) && write.number < seen.writes;
      const own = allWrites.filter(isIts);
      // A second attempt updates what the first one has created.
      const isCreated = own.findLast(({ operation }) => operation !== 'update')?.operation === 'create';
      return !isCreated && !(own.at(-1)?.name === lockless && own.at(-1)?.operation === 'update');
    });
    return missing.length === 0 ? [] : `Cobo was called before ${missing.join(', ')} had a record of its own`;
  });
}

/** The refresh token before everything else, in each step; older records go last. */
export function storedFirst({ requests, exchanges }: Told): Violation {
  const lastStore = requests.findLast(({ record }) => isTarget('store', record))?.seq ?? -1;
  const refreshed = exchanges[0]?.seen.seq ?? Infinity;
  return requests.flatMap(({ seq, record }) => {
    const isLater = isTarget('delete', record) || isTarget('access', record);
    if (!isLater || seq < refreshed || seq > lastStore) return [];
    return `${record.method} ${record.path.split('/').at(-1)} came before the refresh token was in every store`;
  });
}

/** An answer whose signature is missing or wrong hands out nothing and stores nothing. */
export function trusted({ allExchanges, allWrites }: Told): Violation {
  const untrusted = allExchanges.filter(({ arrival }) => arrival === 'untrusted').map(({ issued }) => issued);
  const isStored = allWrites.some(({ name, value = '' }) => name === SECRET && untrusted.includes(value));
  return isStored && 'a refresh token without a good signature was stored';
}

/** Where Cobo must not be called, it is not. */
export function uncalled({ ending, run, exchanges }: Told): Violation {
  if (ending.askedAfterSignal > 0) return 'called Cobo after a signal';
  return run.plan.dryRun && exchanges.length > 0 && 'a dry run called Cobo';
}

function records({ world, allWrites }: Told): Write[] {
  return allWrites.filter(({ name }) => name.startsWith(`${firstTarget(world)}_IN_FLIGHT_`));
}

/** Records of other runs are left alone. */
export function foreignRecords(told: Told): Violation {
  const { story, world, run, allWrites, isLast } = told;
  if (!isLast || world.setting.saves === 'nothing' || isUndecided(story, run)) return undefined;
  const { writes } = world;
  return records(told).flatMap(({ operation, name, store, number }) => {
    if (operation !== 'delete' || name === recordOf(world, undefined)) return [];
    const isIts = (write: Write) => write.store === store && write.name === name && write.operation === 'create';
    const created = writes.slice(0, number).findLast(isIts);
    if (created?.token === world.writer(run.run)) return [];
    // Who has stored a successor clears older records away, and no younger ones.
    const hasStored = allWrites.some(
      (write) => write.store === store && write.name === SECRET && write.number < number,
    );
    const own = allWrites.find((write) => write.store === store && write.name.includes('_IN_FLIGHT_'));
    const isOlder = (created?.number ?? -1) < (own?.number ?? run.main.writesFrom);
    return hasStored && isOlder ? [] : `it deleted ${name}, which is another run's`;
  });
}

/** Who has stored a successor keeps the record of the token that it has used. */
export function missingRecords({ world, run, step, lastState, isLast, allExchanges }: Told): Violation {
  const { token, overlapped } = run;
  const isRotated = allExchanges.some(({ sent }) => sent === token) && world.stage.cobo.state(token ?? '') !== 'living';
  if (!isLast || !world.writesBack || lastState !== 'stored' || overlapped) return undefined;
  if (token === undefined || !isRotated) return undefined;
  const ofToken = recordOf(world, token);
  const writes = world.writes.slice(0, step.writesTo).filter(({ name }) => name === ofToken);
  return world.stores.flatMap((store, index) => {
    const last = writes.findLast((write) => write.store === store);
    const isThere = last !== undefined && last.operation !== 'delete';
    if (isThere || (world.setting.full && index === 0)) return [];
    return `it has stored a successor, and its record is gone from ${store}`;
  });
}

/** A record that should be gone is gone, or the run says that it is not. */
export function leftRecords(told: Told): Violation {
  const { world, run, name, step, ending, lastState: state = '', isLast } = told;
  const { saves } = world.setting;
  const mayStay =
    world.writesBack &&
    (['delivered', 'sealed'].includes(state) || run.main.ending.outputs['token-state'] === 'sealed');
  if (!isLast || saves === 'nothing' || mayStay || ['', 'stored', 'reused'].includes(state)) return undefined;
  if (run.plan.main.broken !== undefined || run.plan.post.broken !== undefined) return undefined;
  // Whoever stopped it did not want to hear more.
  if (ending.exitCode === null || ending.stopped !== undefined || (name === 'post' && ending.exitCode === 1))
    return undefined;
  if (/record could not be deleted|sent and deleted nothing|another run's: left alone/.test(ending.log))
    return undefined;
  // Whoever deletes it: a twin whose main step never learned which record was its own may do so.
  const later = world.writes.slice(0, step.writesTo).filter(({ operation }) => operation === 'delete');
  const lies = world.log.filter((seen) => seen.run === run.run && seen.fault === '404');
  return records(told).flatMap(({ operation, store, name: record, number }) => {
    if (operation !== 'create') return [];
    const isDeleted = later.some((write) => write.number > number && write.store === store && write.name === record);
    // GitHub has said that it is not there: nobody can tell that from the truth.
    const isDenied = lies.some(({ record: { path } }) => path.startsWith(pathOf(store)) && path.endsWith(record));
    return isDeleted || isDenied ? [] : `it ended ${state} and left ${record} in ${store} without a word`;
  });
}
