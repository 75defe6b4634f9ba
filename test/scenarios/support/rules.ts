import { findLeaks } from '../../../emulators/runner/leaks.ts';
import type { StepResult } from '../../../emulators/runner/step.ts';
import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import { ERROR_TITLES } from '../../../src/errors.ts';
import { openByHand } from './crypto.ts';

/** A step that is over, and what the rules need to judge it. */
export interface Judged {
  kind: 'main' | 'post';
  stage: Stage;
  /** The inputs as given. */
  given: Readonly<Record<string, string>>;
  result: StepResult;
  /** How long Cobo's history was when the step began. */
  historyBefore: number;
  /** Secrets that the stage does not know of. */
  secrets: readonly string[];
  /** Whether the machine was lost: nobody saw what the step left. */
  lost: boolean;
}

/** What holds after every step, unless the scenario says why not. Each rule tells in words how it was broken. */
const RULES = {
  'no leaks': leaks,
  'masked first': unmasked,
  'one error line': badErrors,
  'token-state is true': untrueState,
  'a clean runner': uncleanRunner,
};

export type Rule = keyof typeof RULES | 'every fault strikes';

export function brokenRules(step: Judged): [rule: Rule, what: string][] {
  const rules = Object.entries(RULES) as [Rule, (step: Judged) => string[]][];
  return rules.flatMap(([rule, broken]) => broken(step).map((what): [Rule, string] => [rule, what]));
}

const SECRET_INPUTS = ['private-key', 'refresh-token', 'github-token', 'access-token'];

function secretsOf({ stage, given, secrets }: Judged): string[] {
  const inputs = SECRET_INPUTS.map((name) => given[name] ?? '');
  return [...new Set([...stage.secrets(), ...secrets, ...inputs])].filter((secret) => secret.trim() !== '');
}

function leaks(step: Judged): string[] {
  const { result } = step;
  // Whoever gets at the machine can read the state file.
  return findLeaks({ ...result, log: `${result.log}\n${JSON.stringify(result.state)}` }, secretsOf(step));
}

/** Masks work from their registration on, so a secret must not even be printed for the runner to hide. */
function unmasked(step: Judged): string[] {
  const { given, result } = step;
  // A step that says nothing has nothing to hide.
  if (result.rawLog === '') return [];
  const lines = result.rawLog.split('\n');
  const said = lines.filter((line) => !line.startsWith('::add-mask::'));
  const printed = secretsOf(step).filter((secret) => said.join('\n').includes(secret));
  // A step that is killed early may have written masks alone.
  const early = lines.slice(0, said[0] === undefined ? undefined : lines.indexOf(said[0])).join('\n');
  const late = SECRET_INPUTS.filter((name) => {
    const parts = (given[name] ?? '').split(/\n|\\n/).map((line) => line.trim());
    return parts.some((line) => line !== '' && !line.startsWith('-----') && !early.includes(line));
  });
  const { 'access-token': access = '', 'refresh-token': refresh = '' } = result.outputs;
  const open = [access, refresh, ...Object.values(result.env)].filter(
    (one) => one !== '' && !result.masks.includes(one),
  );
  return [
    ...printed.map(() => 'a secret was printed other than as a mask'),
    ...late.map((name) => `the input ${name} was not masked before the first line of the log`),
    ...open.map(() => 'a token was handed out unmasked'),
  ];
}

const STATES = ['unspent', 'stored', 'delivered', 'kept', 'reused', 'sealed', 'unknown'];
const PAGE = 'https://github.com/org/cobo-refresh-action/blob/v1/docs/errors.md';

/** An error line has the state of the token, a code, the link to its entry, and the title of the code. */
function badErrors({ kind, result: { exitCode, outputs, rawAnnotations } }: Judged): string[] {
  const errors = rawAnnotations.filter(({ level }) => level === 'error');
  const most = exitCode === 0 ? 0 : 1;
  const least = exitCode === 1 ? 1 : 0;
  if (errors.length < least || errors.length > most) return [`exit ${exitCode}, ${errors.length} error lines`];
  const states = kind === 'main' ? [outputs['token-state'] ?? 'unspent'] : STATES;
  return errors.flatMap(({ title, message }) => {
    const [, state = '', code = ''] = /\[token-state: (\w+), error: ([a-z-]+)\]/.exec(message) ?? [];
    const expected = Object.entries(ERROR_TITLES).find(([one]) => one === code)?.[1];
    return [
      ...(states.includes(state) ? [] : [`the error line says that the token-state is "${state}"`]),
      ...(message.endsWith(` ${PAGE}#${code}`) ? [] : ['the error line has no link to docs/errors.md of this version']),
      ...(title === expected ? [] : [`the error ${code} has the title "${title}"`]),
    ];
  });
}

/** Holds what `token-state` says against what Cobo and GitHub know. */
function untrueState({ kind, stage, given, result, historyBefore, lost }: Judged): string[] {
  if (kind === 'post' || lost) return [];
  const { cobo, github, stores } = stage;
  const { 'token-state': state = '', 'recovery-envelope': envelope = '', 'refresh-token': handedOut } = result.outputs;
  const living = (token: string | undefined) => token !== undefined && cobo.state(token) === 'living';
  if (state !== 'sealed' && envelope !== '') return [`${state}, and there is an envelope`];
  if (state === 'unknown') return [];
  if (state === 'delivered') return living(handedOut) ? [] : ['delivered, and the output is no living token'];
  if (state === 'sealed') {
    const token = openByHand(envelope, cobo.client.appSecretHex, cobo.client.clientId);
    return living(token) ? [] : ['sealed, and no living token in the envelope'];
  }
  if (state === 'stored') {
    const lines = (given['secret-stores'] ?? 'repository').split('\n').filter((line) => line.trim() !== '');
    const named = lines.map((line) => (/@|^organization:/.test(line) ? line : `${line}@${REPOSITORY}`));
    const secret = given['refresh-token-secret'] ?? '';
    const dead = named.filter((store) => !stores.includes(store) || !living(github.secretValue(store, secret)));
    return dead.map((store) => `stored, and no living token in ${store}`);
  }
  // Before it uses the token, a process that is killed may have said nothing.
  if (!STATES.includes(state) && !(state === '' && result.signal === 'SIGKILL')) return [`token-state is "${state}"`];
  const since = cobo.history.slice(historyBefore).filter(({ operation }) => operation === 'refresh');
  return since.some(({ spent }) => spent === given['refresh-token']) ? [`${state}, and the token was spent`] : [];
}

/** Neither the runner nor an emulator has a complaint. */
function uncleanRunner({ stage: { cobo, github }, result }: Judged): string[] {
  return [...result.violations, ...result.fileErrors, ...cobo.errors, ...github.errors].map(String);
}
