import type { StepResult } from '../../../emulators/runner/step.ts';
import type { Stage } from '../../../emulators/stage.ts';
import type { Names } from './names.ts';
import { listed, renderRequests, type Seen } from './requests.ts';
import { renderStores, type Stores } from './stores.ts';

/** A step, and what it sent. */
export interface StepRecord {
  title: string;
  /** Inputs that differ from the usual ones; undefined where one was left out. Of a main step. */
  inputs?: Record<string, string | undefined>;
  /** Undefined for a post step that did not run. */
  result?: StepResult | undefined;
  requests: Seen[];
  /** What another step gets that is not of this action. */
  gets?: Record<string, string>;
}

/** Outputs that say nothing as long as they are like this: those of every step, and those beside an access token. */
const USUAL = { 'app-key': '<app key>', 'recovery-envelope': '(empty)' };
const USUAL_WITH_ACCESS = { 'expires-at': '<time>', 'expires-in': '43199', scope: '(empty)', 'token-type': 'Bearer' };

/** Everything that a user sees of a scenario, as one text. What is the same after every run is left out. */
export function renderScenario(steps: readonly StepRecord[], before: Stores, stage: Stage, names: Names): string {
  const shown = steps.flatMap((step) => renderStep(step, names));
  const stores = renderStores(before, stage, names);
  return `${[...shown, ...(stores.length === 0 ? [] : ['━━━ the stores at the end ━━━']), ...stores].join('\n')}\n`;
}

function renderStep({ title, inputs = {}, result, requests, gets }: StepRecord, names: Names): string[] {
  if (gets !== undefined) return [`━━━ ${title} ━━━`, ...block('gets', pairs(gets, names))];
  if (result === undefined) return [`━━━ ${title}: does not run ━━━`];
  const { exitCode, signal, outcome, sent } = result;
  const cancelled = sent.length > 0 ? `, after ${sent.join(', ')}` : '';
  // The message of an annotation is in the log; errors have the title of their code (see rules.ts), others none.
  const titles = result.annotations.filter(({ level }) => level !== 'error').map((one) => one.title);
  const state = Object.keys(result.state).filter((name) => name !== 'handover');
  return [
    `━━━ ${title}: ${outcome} (${signal ?? `exit ${exitCode}`}${cancelled}) ━━━`,
    ...block('with', pairs(inputs, names)),
    ...block('log', names.text(result.log).split('\n')),
    ...block('titles', titles),
    ...block('requests', renderRequests(requests, names)),
    ...block('outputs', renderOutputs(result, names)),
    ...block('env', pairs(result.env, names)),
    ...block('state', state),
    ...block('summary', renderSummary(names.text(result.summary), names.text(result.log))),
  ];
}

function renderOutputs({ outputs }: StepResult, names: Names): string[] {
  if (Object.keys(outputs).length === 0) return [];
  const { 'token-state': state, ...others } = outputs;
  const usual: Record<string, string> = { ...USUAL, ...('access-token' in outputs ? USUAL_WITH_ACCESS : {}) };
  // How long a stored token still lives depends on the second.
  if (state === 'reused') usual['expires-in'] = quoted(others['expires-in'] ?? '', names);
  const unusual = Object.entries(others).filter(([name, value]) => usual[name] !== quoted(value, names));
  const missing = Object.keys(usual).filter((name) => !(name in others));
  const sorted = Object.fromEntries(unusual.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const shown = pairs({ 'token-state': state, ...sorted }, names);
  return missing.length === 0 ? shown : [`${shown[0]} (without ${missing.join(', ')})`];
}

/** The summary without the frame of its table, and without what the error line in the log says as well. */
function renderSummary(summary: string, log: string): string[] {
  const failed = /^(### ❌ .*)\n\n(.*)\n\n\*\*What to do:\*\* (.*)\n\n\| Refresh token \| \*\*(.*)\*\*\. (.*) \|/;
  const [, title, message, remedy, state, meaning] = failed.exec(summary) ?? [];
  const isRepeated = log.includes(`##[error]${message} ${meaning} ${remedy} [token-state: ${state}, `);
  const short = isRepeated ? summary.replace(failed, `${title} (as in the log)`) : summary;
  const lines = short.replace(/\n\n```text\n(.*)\n```/, ' $1').split('\n');
  const known = ['', '| --- | --- |', '| Cobo | custom URL |'];
  const missing = summary === '' || lines.includes('| Cobo | custom URL |') ? [] : ['(without the row about Cobo)'];
  const rows = lines.filter((line) => line.startsWith('| Written |'));
  const others = lines.filter((line) => !known.includes(line) && !rows.includes(line));
  return [...others, ...(rows.length > 5 ? [listed(rows)] : rows), ...missing];
}

/** One line: `name=value, …`. */
function pairs(values: Record<string, string | undefined>, names: Names): string[] {
  const all = Object.entries(values);
  const text = all.map(([name, value]) => `${name}=${value === undefined ? '(left out)' : quoted(value, names)}`);
  return text.length === 0 ? [] : [text.join(', ')];
}

function quoted(value: string, names: Names): string {
  return value === '' ? '(empty)' : names.value(value).replaceAll('\n', ' + ');
}

/** Lines beside the name of what they are. */
function block(name: string, lines: readonly string[]): string[] {
  if (lines.every((line) => line === '')) return [];
  return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(10)}${line}`.trimEnd());
}
