import { SECRET } from '../../../emulators/stage.ts';
import { exchangesOf, isUndisturbed, nameOf, recordOf, stateTold, writesBack, writesOf } from '../facts.ts';
import { type PlayedRun, requestsOf, type Story } from '../story.ts';

/** What a run and its post step owe to the refresh token, each by itself. */
export function safety(story: Story): string[] {
  const { setting } = story.fixture;
  if (!writesBack(setting)) return [];
  return story.runs.flatMap((run) =>
    [
      ...plainRunSucceeds(story, run),
      ...postStepHeals(story, run),
      ...persists(story, run),
      ...overwrites(story, run),
    ].map((why) => `${nameOf(run)}: ${why}`),
  );
}

/** A run that nothing stands against has to end well. */
function plainRunSucceeds(story: Story, run: PlayedRun): string[] {
  const { plan, token, main } = run;
  const { full, orgId, saves } = story.fixture.setting;
  if (plan.start !== 'fresh' || run.overlapped || run.envelope !== undefined) return [];
  if (!isUndisturbed(story, run, 'main') || (full && saves === 'all')) return [];
  const record = recordOf(story, token);
  const inDoubt = story.fixture.stage.github.writes.slice(0, main.writesFrom).findLast(({ name }) => name === record);
  const isUsable = run.tokenWasLiving && (inDoubt === undefined || inDoubt.operation === 'delete');
  if (main.ending.exitCode === 0 || !(isUsable || orgId === 'allowed')) return [];
  if (orgId === 'allowed' && plan.dryRun) return [];
  return [`nothing stood against it, and it failed: ${main.ending.errors.join()}`];
}

/** After a post step that nothing stands against, the stores are alive wherever that is in its hands. */
function postStepHeals(story: Story, run: PlayedRun): string[] {
  const { main, post } = run;
  if (post === undefined || run.overlapped || main.ending.lost || !isUndisturbed(story, run, 'post')) return [];
  if (run.plan.main.broken !== undefined) return [];
  const state = stateTold('main', main);
  if (state !== 'unknown' && state !== 'sealed') return [];
  const isTrusted = !exchangesOf(story, run, 'main').some(
    ({ arrival }) => arrival === 'untrusted' || arrival === 'cut',
  );
  const envelope = main.ending.outputs['recovery-envelope'] ?? '';
  const successor = state === 'sealed' ? story.fixture.open(envelope) : undefined;
  const wasInHand = (token: string | undefined) => token !== undefined && main.living.includes(token);
  const canHeal =
    state === 'sealed'
      ? isTrusted && wasInHand(successor)
      : isTrusted && (wasInHand(run.token) || story.fixture.setting.orgId === 'allowed');
  if (!canHeal || post.values.every((value) => value !== undefined && post.living.includes(value))) return [];
  return [
    `the main step ended ${state}, and after the post step the stores hold no living token: ${post.ending.errors.join()}`,
  ];
}

/** Storing is never given up before `max-attempts`, and an encryption key that was refused is read again. */
function persists(story: Story, run: PlayedRun): string[] {
  const { setting, stores } = story.fixture;
  const { main } = run;
  if (main.ending.exitCode === null || run.plan.main.broken !== undefined) return [];
  const arrived = exchangesOf(story, run, 'main').some(({ issued, arrival }) => issued && arrival === 'whole');
  if (!arrived || stateTold('main', main) !== 'sealed') return [];
  const written = writesOf(story, run, main).filter(({ name }) => name === SECRET);
  return stores
    .filter((store) => !written.some((write) => write.store === store))
    .flatMap((store) => {
      const path = pathOf(store);
      const all = requestsOf(story, run, 'main').filter(({ record }) => record.path.startsWith(path));
      const puts = all.filter(({ record }) => record.method === 'PUT' && record.path === `${path}/${SECRET}`);
      const keys = all.filter(({ record, seq }) => record.path.endsWith('/public-key') && seq > (puts[0]?.seq ?? 0));
      if (puts.length + keys.filter(({ fault }) => fault !== undefined).length < setting.attempts) {
        return [`storing in ${store} was given up after ${puts.length} of ${setting.attempts} attempts`];
      }
      const refused = puts.slice(0, -1).some(({ record }) => record.status === 422);
      return refused && keys.length === 0 ? [`the encryption key of ${store} was not read again after a 422`] : [];
    });
}

/** The path of a store's secrets at GitHub. */
export function pathOf(store: string): string {
  const [, kind = '', name = '', owner = ''] = /^(\w+):?([^@]*)@?(.*)$/.exec(store) ?? [];
  if (kind === 'organization') return `/orgs/${name}/actions/secrets`;
  if (kind === 'environment') return `/repos/${owner}/environments/${encodeURIComponent(name)}/secrets`;
  return `/repos/${owner}/${kind === 'dependabot' ? 'dependabot' : 'actions'}/secrets`;
}

/** A post step leaves alone what somebody else has written since its main step. */
function overwrites(story: Story, run: PlayedRun): string[] {
  const { main, post } = run;
  if (post === undefined) return [];
  const { github } = story.fixture.stage;
  return writesOf(story, run, post)
    .filter(({ name }) => name === SECRET)
    .flatMap(({ store, number }) => {
      const before = github.writes
        .slice(main.writesFrom, number)
        .findLast((write) => write.store === store && write.name === SECRET);
      const isForeign = before !== undefined && before.token !== story.fixture.writer(run.run);
      const isTwin = isForeign && github.writes.indexOf(before) >= post.writesFrom;
      return isForeign && !isTwin ? [`its post step replaced in ${store} what another run had stored since`] : [];
    });
}
