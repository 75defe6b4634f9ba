import { findLeaks } from '../../../emulators/runner/leaks.ts';
import type { StepResult } from '../../../emulators/runner/step.ts';
import type { Stage } from '../../../emulators/stage.ts';
import { ENVELOPE } from './crypto.ts';
import { brokenTruth } from './truth.ts';

/** What holds in every scenario, unless the scenario says why not. */
export type Rule =
  | 'no leaks'
  | 'masked first'
  | 'one error line'
  | 'token-state is true'
  | 'envelope only when sealed'
  | 'records'
  | 'a clean runner'
  | 'every fault strikes';

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

export const STATES = ['unspent', 'stored', 'delivered', 'kept', 'reused', 'sealed', 'unknown'];

const SECRET_INPUTS = ['private-key', 'refresh-token', 'github-token', 'access-token'];

/** Every rule that a step broke, in words. */
export function brokenRules(step: Judged): [rule: Rule, what: string][] {
  const said = (rule: Rule, broken: readonly string[]) => broken.map((what): [Rule, string] => [rule, what]);
  return [
    ...said('no leaks', leaks(step)),
    ...said('masked first', unmasked(step)),
    ...said('one error line', badErrors(step)),
    ...said('token-state is true', step.kind === 'main' ? brokenTruth(step) : []),
    ...said('envelope only when sealed', strayEnvelope(step)),
    ...said('a clean runner', uncleanRunner(step)),
  ];
}

function secretsOf({ stage, given, secrets }: Judged): string[] {
  const inputs = SECRET_INPUTS.map((name) => given[name] ?? '');
  return [...new Set([...stage.secrets(), ...secrets, ...inputs])].filter((secret) => secret.trim() !== '');
}

function leaks(step: Judged): string[] {
  const { result } = step;
  const secrets = secretsOf(step);
  const state = JSON.stringify(result.state);
  const inState = findLeaks({ log: state, annotations: [], debug: [], rawSummary: '' }, secrets);
  return [...findLeaks(result, secrets), ...inState.map((leak) => leak.replace('log', 'the state file'))];
}

/** Masks work from their registration on, so a secret must not even be printed for the runner to hide. */
function unmasked(step: Judged): string[] {
  const { given, result } = step;
  const lines = result.rawLog.split('\n');
  const said = lines.filter((line) => !line.startsWith('::add-mask::')).join('\n');
  const printed = secretsOf(step).filter((secret) => said.includes(secret));
  const first = lines.findIndex((line) => !line.startsWith('::add-mask::'));
  // A step that is killed early may have written nothing else.
  const early = lines.slice(0, first < 0 ? lines.length : first).join('\n');
  const late = SECRET_INPUTS.filter((name) => {
    // A step that says nothing has nothing to hide.
    if (result.rawLog === '') return false;
    const parts = (given[name] ?? '').split(/\n|\\n/).map((line) => line.trim());
    return parts.some((line) => line !== '' && !line.startsWith('-----') && !early.includes(line));
  });
  const handedOut = [result.outputs['access-token'], result.outputs['refresh-token']];
  const open = [...handedOut, ...Object.values(result.env)].filter(
    (value) => value !== undefined && value !== '' && !result.masks.includes(value),
  );
  return [
    ...printed.map(() => 'a secret was printed other than as a mask'),
    ...late.map((name) => `the input ${name} was not masked before the first line of the log`),
    ...open.map(() => 'a token was handed out unmasked'),
  ];
}

function badErrors({ kind, result }: Judged): string[] {
  const errors = result.rawAnnotations.filter(({ level }) => level === 'error');
  const { exitCode, outputs } = result;
  const most = exitCode === 0 ? 0 : 1;
  const least = exitCode === 1 ? 1 : 0;
  if (errors.length < least || errors.length > most) return [`exit ${exitCode}, ${errors.length} error lines`];
  return errors.flatMap(({ message }) => {
    const link = /https:\/\/github\.com\/org\/cobo-refresh-action\/blob\/v1\/docs\/errors\.md#([a-z-]+)/;
    const code = link.exec(message)?.[1];
    if (code === undefined) return ['the error line has no link to docs/errors.md of this version'];
    const state = kind === 'main' ? [outputs['token-state'] ?? 'unspent'] : STATES;
    return [
      ...(message.replace(link, '').includes(code) ? [] : [`the error line does not name the code ${code}`]),
      ...(state.some((one) => message.includes(one)) ? [] : ['the error line does not say the token-state']),
    ];
  });
}

function strayEnvelope({ result: { outputs, signal } }: Judged): string[] {
  const envelope = outputs['recovery-envelope'] ?? '';
  const sealed = outputs['token-state'] === 'sealed';
  if (!sealed) return envelope === '' ? [] : ['an envelope in the output, and the state is not sealed'];
  // A process that is killed between two lines of the output file may have written the state alone.
  return ENVELOPE.test(envelope) || signal !== null ? [] : ['sealed, and no envelope in the output'];
}

function uncleanRunner({ stage, result }: Judged): string[] {
  return [
    ...result.violations.map((command) => `a command that the runner refuses: ${command}`),
    ...result.fileErrors,
    ...stage.cobo.errors.map((error) => `the Cobo emulator broke: ${error}`),
    ...stage.github.errors.map((error) => `the GitHub emulator broke: ${error}`),
  ];
}
