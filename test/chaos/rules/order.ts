import { SECRET } from '../../../emulators/stage.ts';
import {
  exchangesOf,
  firstTarget,
  isUndecided,
  nameOf,
  recordOf,
  stateTold,
  stepsOf,
  whole,
  writesBack,
  writesOf,
} from '../facts.ts';
import { ACCESS_SECRET } from '../faults.ts';
import { type PlayedRun, requestsOf, type Step, type Story } from '../story.ts';

/** What must come first, and what must not come at all. */
export function order(story: Story): string[] {
  if (story.fixture.setting.saves === 'nothing') return [];
  return story.runs.flatMap((run) => [
    ...recordedFirst(story, run).map((why) => `${nameOf(run)}: ${why}`),
    ...stepsOf(run).flatMap(([name, step]) =>
      [
        ...storedFirst(story, run, name),
        ...(step.ending.askedAfterSignal > 0 ? ['called Cobo after a signal'] : []),
        ...trusted(story, run, step),
        ...(run.plan.dryRun && exchangesOf(story, run).length > 0 ? ['a dry run called Cobo'] : []),
      ].map((why) => `${nameOf(run, name)}: ${why}`),
    ),
  ]);
}

/** Before the first byte of a refresh the run has created its record in every store, unless that is full. */
function recordedFirst(story: Story, run: PlayedRun): string[] {
  if (isUndecided(story, run)) return [];
  const { setting, stores } = story.fixture;
  return exchangesOf(story, run).flatMap(({ seen, sent }) => {
    // org_implicit heals under the record of the token, or under one that locks nothing.
    const names =
      sent === undefined ? [recordOf(story, run.token), recordOf(story, undefined)] : [recordOf(story, sent)];
    const before = writesOf(story, run, { ...whole(run), writesTo: seen.writes });
    const missing = stores.filter((store, index) => {
      const own = before.filter((write) => write.store === store && names.includes(write.name));
      const lockless = own.at(-1)?.name === recordOf(story, undefined) && own.at(-1)?.operation === 'update';
      // A second attempt updates what the first one has created.
      const isThere = own.findLast(({ operation }) => operation !== 'update')?.operation === 'create' || lockless;
      return !isThere && !(setting.full && index === 0) && (writesBack(setting) || !store.startsWith('dependabot'));
    });
    return missing.length === 0 ? [] : [`Cobo was called before ${missing.join(', ')} had a record of its own`];
  });
}

/** The refresh token before everything else, in each step; older records go last. */
function storedFirst(story: Story, run: PlayedRun, name: 'main' | 'post'): string[] {
  const requests = requestsOf(story, run, name).map(({ record, seq }) => {
    return { seq, method: record.method, secret: record.path.split('/').at(-1) ?? '' };
  });
  const lastStore = requests.findLast(({ method, secret }) => method === 'PUT' && secret === SECRET)?.seq ?? -1;
  const refreshed = exchangesOf(story, run, name)[0]?.seen.seq ?? Number.POSITIVE_INFINITY;
  const early = requests.filter(
    ({ seq, method, secret }) =>
      seq > refreshed && seq < lastStore && (secret === ACCESS_SECRET || method === 'DELETE'),
  );
  return early.map(({ method, secret }) => `${method} ${secret} came before the refresh token was in every store`);
}

/** An answer whose signature is missing or wrong hands out nothing and stores nothing. */
function trusted(story: Story, run: PlayedRun, step: Step): string[] {
  const untrusted = exchangesOf(story, run)
    .filter(({ arrival }) => arrival === 'untrusted' || arrival === 'cut')
    .map(({ issued }) => issued);
  const stored = writesOf(story, run, step).some(
    ({ name, value }) => name === SECRET && value !== undefined && untrusted.includes(value),
  );
  return stored ? ['a refresh token without a good signature was stored'] : [];
}

/** Records: kept where a successor was stored, gone where the token was given back, foreign ones left alone. */
export function records(story: Story): string[] {
  const { setting, stores, stage } = story.fixture;
  if (setting.saves === 'nothing') return [];
  return story.runs.flatMap((run) => {
    const { main, post } = run;
    const last = post ?? main;
    const state = post === undefined ? stateTold('main', main) : (stateTold('post', post) ?? stateTold('main', main));
    const own = writesOf(story, run, whole(run));
    const marked = own.filter(({ name }) => name.startsWith(`${firstTarget(story)}_IN_FLIGHT_`));
    const foreign = marked.filter(({ operation, name, store, number }) => {
      if (operation !== 'delete' || name === recordOf(story, undefined)) return false;
      const hasStored = own.some((write) => write.store === store && write.name === SECRET && write.number < number);
      const created = stage.github.writes
        .slice(0, number)
        .findLastIndex((write) => write.store === store && write.name === name && write.operation === 'create');
      const isOwn = stage.github.writes[created]?.token === story.fixture.writer(run.run);
      // Who has stored a successor clears older records away, and no younger ones.
      return !isOwn && (!hasStored || created >= main.writesFrom);
    });
    const violations = (isUndecided(story, run) ? [] : foreign).map(
      ({ name }) => `it deleted ${name}, which is another run's`,
    );
    const ofToken = recordOf(story, run.token);
    const left = stores.filter((store) => {
      const lastWrite = stage.github.writes
        .slice(0, last.writesTo)
        .findLast((write) => write.store === store && write.name === ofToken);
      return lastWrite !== undefined && lastWrite.operation !== 'delete';
    });
    const sent = exchangesOf(story, run).some((exchange) => exchange.sent === run.token);
    const rotated = stage.cobo.state(run.token ?? '') !== 'living';
    if (writesBack(setting) && state === 'stored' && sent && rotated && run.token !== undefined && !run.overlapped) {
      const missing = stores.filter((store, index) => !left.includes(store) && !(setting.full && index === 0));
      violations.push(...missing.map((store) => `it has stored a successor, and its record is gone from ${store}`));
    }
    violations.push(...leftBehind(story, run, last, state, marked));
    return violations.map((why) => `${nameOf(run)}: ${why}`);
  });
}

/** A record that should be gone is gone, or the run says that it is not. */
function leftBehind(
  story: Story,
  run: PlayedRun,
  last: Step,
  state: string | undefined,
  marked: ReturnType<typeof writesOf>,
): string[] {
  const { ending } = last;
  const goes = writesBack(story.fixture.setting)
    ? ['unspent', 'kept', 'unknown']
    : ['unspent', 'kept', 'unknown', 'delivered', 'sealed'];
  if (ending.exitCode === null || state === undefined || !goes.includes(state)) return [];
  if (stateTold('main', run.main) === 'sealed' && writesBack(story.fixture.setting)) return [];
  if (run.plan.main.broken !== undefined || run.plan.post.broken !== undefined || ending.lost) return [];
  // Whoever deletes it: a twin whose main step never learned which record was its own may do so.
  const isDeleted = ({ store, name, number }: (typeof marked)[number]) =>
    story.fixture.stage.github.writes
      .slice(number + 1, last.writesTo)
      .some((write) => write.operation === 'delete' && write.store === store && write.name === name);
  const left = marked.filter((write) => write.operation === 'create' && !isDeleted(write));
  const said = /record could not be deleted|somebody came later|The post step has sent and deleted nothing/i.test(
    `${ending.log}`,
  );
  // Whoever stopped it did not want to hear more.
  const isGone = ending.stopped;
  return said || isGone || (last === run.post && ending.exitCode === 1)
    ? []
    : left.map(({ name, store }) => `it ended ${state} and left ${name} in ${store} without a word`);
}
