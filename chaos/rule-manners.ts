import { findLeaks } from '../emulators/runner/leaks.ts';
import type { Act } from './act.ts';

const MOST_IN_FLIGHT = 10;
const SUCCESS = new Set(['stored', 'delivered', 'kept', 'reused']);
/** 128 and the number of SIGINT or SIGTERM. */
const CANCELLED = new Set([130, 143]);

/** Exit status, error line, leaks, probes, load. */
export function manners(act: Act): string[] {
  return [
    ...exit(act),
    ...leaks(act),
    ...probes(act),
    ...load(act),
    ...act.emulatorErrors.map((error) => `an emulator broke: ${error}`),
  ];
}

function exit({ ending, setting, disturbed }: Act): string[] {
  const { exitCode, killed, annotations, outputs } = ending;
  if (killed) return [];
  const state = outputs['token-state'] ?? '';
  const errors = annotations.filter(({ level }) => level === 'error');
  const isSuccess = SUCCESS.has(state) || (setting.dryRun && state === 'unspent');
  if (exitCode === 0) {
    if (!isSuccess) return [`exit status 0 in the state ${state}`];
    return errors.length > 0 ? ['exit status 0 with an error line'] : [];
  }
  if (exitCode !== null && CANCELLED.has(exitCode)) {
    if (!disturbed) return ['it ended as cancelled, and nobody has cancelled it'];
    const expected = SUCCESS.has(state) ? 0 : 1;
    return errors.length === expected
      ? []
      : [`a cancelled run in the state ${state} has ${errors.length} error lines`];
  }
  if (exitCode !== 1) return [`exit status ${exitCode}`];
  if (errors.length !== 1) return [`exit status 1 with ${errors.length} error lines`];
  const message = errors[0]?.message ?? '';
  if (/^Something failed that the action did not expect/.test(message))
    return [`an unexpected error: ${message}`];
  return message.includes(`[token-state: ${state}]`)
    ? []
    : ['the error line does not tell the state of the token'];
}

function leaks({ ending, secrets }: Act): string[] {
  return findLeaks(ending, secrets).map((leak) => `LEAK: ${leak}`);
}

/** A probe stays only where a warning says so, or where the run could not know. */
function probes({ ending, before, after, gitHub }: Act): string[] {
  if (ending.killed) return [];
  return after.flatMap((store, index) =>
    store.probes
      .filter((name) => {
        const path = `${store.secretsPath}/${name}`;
        const own = gitHub.filter(({ record }) => record.path === path);
        const planted = own.some(({ record }) => record.verdict.startsWith('sealed box opened'));
        // Left by somebody else, and this run did not come to plant its own.
        if (!planted && before[index]?.probes.includes(name)) return false;
        const warned = ending.annotations.some(
          ({ level, message }) => level === 'warning' && message.includes(name),
        );
        // GitHub took it in after its client had given up, or says that there is none to a token that may not see it.
        const late = own.some(({ record, mishap }) => record.method === 'PUT' && mishap?.kind === 'late');
        const denied = own.some(({ record }) => record.method === 'DELETE' && record.status === 404);
        return !warned && !late && !denied;
      })
      .map((name) => `the probe ${name} was left in ${store.label} without a warning`),
  );
}

function load({ maxInFlight }: Act): string[] {
  return maxInFlight > MOST_IN_FLIGHT ? [`${maxInFlight} requests to GitHub were in flight at once`] : [];
}
