import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import { fingerprint, openByHand } from './crypto.ts';
import { type Judged, STATES } from './rules.ts';

/** Holds what `token-state` says against what Cobo and GitHub know. */
export function brokenTruth({ stage, given, result, historyBefore, lost }: Judged): string[] {
  if (lost) return [];
  const { outputs, signal } = result;
  const state = outputs['token-state'] ?? '';
  // Before it uses the token, a process that is killed may have said nothing.
  if (state === '' && signal === 'SIGKILL') return spent(stage, given, historyBefore);
  if (!STATES.includes(state)) return [`token-state is ${JSON.stringify(state)}`];
  switch (state) {
    case 'stored':
      return deadIn(stage, given).map((store) => `stored, and no living token in ${store}`);
    case 'delivered':
      return living(stage, outputs['refresh-token']) ? [] : ['delivered, and the output is no living token'];
    case 'sealed': {
      const { appSecretHex, clientId } = stage.cobo.client;
      const token = openByHand(outputs['recovery-envelope'] ?? '', appSecretHex, clientId);
      return living(stage, token) ? [] : ['sealed, and the envelope holds no living token'];
    }
    case 'unspent':
    case 'kept':
    case 'reused':
      return spent(stage, given, historyBefore).map((what) => `${state}, and ${what}`);
    default:
      return [];
  }
}

/** The stores of the inputs whose secret is no living token. */
export function deadIn(stage: Stage, given: Judged['given']): string[] {
  const name = given['refresh-token-secret'] ?? '';
  return storesOf(given).filter(
    (store) => !stage.stores.includes(store) || !living(stage, stage.github.secretValue(store, name)),
  );
}

/** The stores of the inputs, as the emulator names them. */
export function storesOf(given: Judged['given']): string[] {
  const lines = (given['secret-stores'] ?? 'repository').split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => (line.includes('@') || line.startsWith('organization:') ? line : `${line}@${REPOSITORY}`));
}

/** The names of the in-flight records in a store; none where there is no such store. */
export function recordsIn(stage: Stage, store: string): string[] {
  if (!stage.stores.includes(store)) return [];
  return stage.github.secretNames(store).filter((name) => name.includes('_IN_FLIGHT_'));
}

/** A job that is over, and the records that were there before it. */
export interface JudgedJob {
  stage: Stage;
  given: Judged['given'];
  state: string | undefined;
  /** By store. */
  before: ReadonlyMap<string, readonly string[]>;
  /** Whether main or post step were killed, or the machine was lost. */
  killed: boolean;
}

/** Records that must not be there, or no longer be there, when a job is over. */
export function strayRecords({ stage, given, state, before, killed }: JudgedJob): string[] {
  const { appSecretHex, clientId } = stage.cobo.client;
  const envelope = given['recovery-envelope'] ?? '';
  const opened = envelope === '' ? undefined : openByHand(envelope, appSecretHex, clientId);
  const secret = given['refresh-token'] ?? '';
  const target = (given['refresh-token-secret'] ?? '').toUpperCase();
  const recordOf = (token: string) => `${target}_IN_FLIGHT_${fingerprint(token, appSecretHex)}`;
  const own = [recordOf(opened ?? secret), `${target}_IN_FLIGHT_ORG`];
  // A run that opens an envelope does not touch the record of the secret's own token.
  const untouched = [...own, recordOf(secret)];
  return storesOf(given).flatMap((store) => {
    const old = before.get(store) ?? [];
    const created = recordsIn(stage, store).filter((name) => !old.includes(name));
    const kept = old.filter((name) => !untouched.includes(name) && recordsIn(stage, store).includes(name));
    const unspent = state === undefined || ['unspent', 'kept', 'reused', 'delivered'].includes(state);
    const strays = unspent && !killed ? created : created.filter((name) => !own.includes(name));
    return [
      ...strays.map((name) => `${state}, and the record ${name} is left in ${store}`),
      ...(state === 'stored' ? kept.map((name) => `stored, and the older record ${name} is in ${store}`) : []),
    ];
  });
}

function living(stage: Stage, token: string | undefined): boolean {
  return token !== undefined && stage.cobo.state(token) === 'living';
}

/** Whether the token in hand was spent since then. A token that was dead before cannot be. */
function spent(stage: Stage, given: Judged['given'], historyBefore: number): string[] {
  const token = given['refresh-token'];
  const since = stage.cobo.history.slice(historyBefore);
  const uses = since.filter((entry) => entry.operation === 'refresh' && entry.spent === token);
  return uses.map(() => 'the token was spent');
}
