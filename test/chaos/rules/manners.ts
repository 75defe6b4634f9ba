import { findLeaks } from '../../../emulators/runner/leaks.ts';
import type { Told } from '../facts.ts';
import type { Story } from '../story.ts';
import type { Violation } from './all.ts';

const MOST_IN_FLIGHT = 10;

/** No secret can be read in log, state or summary. */
export function leaks({ world, ending: { log, state, summary } }: Told): Violation {
  const seen = { log, debug: [JSON.stringify(state)], annotations: [], rawSummary: summary };
  return findLeaks(seen, world.secrets()).map((leak) => `leaked: ${leak}`);
}

/** A token that is handed out is masked. */
export function masks({ run, name, ending: { outputs, masks: masked } }: Told): Violation {
  if (run.plan[name].broken !== undefined) return undefined;
  const tokens = Object.entries(outputs).filter(([output]) => /^(access|refresh)-token$/.test(output));
  return tokens.flatMap(([output, value]) => (masked.includes(value) ? [] : `did not mask the output ${output}`));
}

/** A post step that has nothing to do says nothing and sends nothing. */
export function needless({ world, name, run, ending, requests, isBroken }: Told): Violation {
  const { outputs, exitCode } = run.main.ending;
  const isWell = exitCode === 0 && ['stored', 'delivered', 'reused'].includes(outputs['token-state'] ?? '');
  if (name === 'main' || !isWell || isBroken || world.setting.saves === 'access') return undefined;
  return (ending.log !== '' || requests.length > 0) && 'all was well, and the post step did something';
}

/** GitHub is not asked too much at once, and the emulators work. */
export function load({ runs, world: { stage } }: Story): string[] {
  const { cobo, github } = stage;
  const most = MOST_IN_FLIGHT * (runs.some(({ overlapped }) => overlapped) ? 2 : 1);
  const broken = [...cobo.errors, ...github.errors].map((error) => `an emulator broke: ${error}`);
  return [...(github.maxInFlight > most ? [`${github.maxInFlight} requests to GitHub at once`] : []), ...broken];
}
