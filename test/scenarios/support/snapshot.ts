import type { StepResult } from '../../../emulators/runner/step.ts';
import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import type { Names } from './names.ts';
import { renderRequests, type Seen } from './requests.ts';

/** A main or a post step, and what it sent. */
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

/** Everything that a user sees of a scenario, as one text. */
export function renderScenario(title: string, steps: readonly StepRecord[], stage: Stage, names: Names): string {
  const parts = [title, ...steps.map((step) => renderStep(step, names)), renderStores(stage, names)];
  return `${parts.join('\n\n')}\n`;
}

function renderStep({ title, inputs, result, requests, gets }: StepRecord, names: Names): string {
  const pairs = (entries: [string, string | undefined][]) =>
    entries.map(([name, value]) => `${name}: ${value === undefined ? '(left out)' : quoted(value, names)}`);
  if (gets !== undefined) return [heading(title), ...section('gets', pairs(Object.entries(gets)))].join('\n');
  if (result === undefined) return heading(`${title}: does not run`);
  const { exitCode, signal, outcome, sent } = result;
  const how = signal === null ? `exit ${exitCode}` : signal;
  const cancelled = sent.length > 0 ? `, after ${sent.join(', ')}` : '';
  // The message of an annotation is in the log already; its title is not.
  const annotations = result.annotations.map((one) => `${one.level}: ${one.title || '(no title)'}`);
  const outputs = Object.entries(result.outputs).sort(([a], [b]) => (a < b ? -1 : 1));
  const reused = result.outputs['token-state'] === 'reused';
  return [
    heading(`${title}: ${outcome} (${how}${cancelled})`),
    ...section('with', pairs(Object.entries(inputs ?? {}))),
    ...section('log', names.text(result.log).split('\n')),
    ...section(
      'annotations',
      annotations.map((line) => names.text(line)),
    ),
    ...section('requests', renderRequests(requests, names)),
    // The rest of a stored token's life depends on the second.
    ...section('outputs', pairs(outputs.map(([k, v]) => [k, reused && k === 'expires-in' ? '<seconds>' : v]))),
    ...section('environment of later steps', pairs(Object.entries(result.env))),
    ...section('left for the post step', Object.keys(result.state)),
    ...section('summary', names.text(result.summary).trimEnd().split('\n')),
  ].join('\n');
}

function renderStores({ stores, github }: Stage, names: Names): string {
  const lines = stores.flatMap((store) => [
    store.replace(`@${REPOSITORY}`, ''),
    ...github
      .secretNames(store)
      .map((name) => `  ${names.text(name)} = ${stored(name, github.secretValue(store, name), names)}`)
      .toSorted(),
    ...github
      .variableNames(store)
      .map((name) => `  ${name} (variable) = ${names.text(github.variableValue(store, name) ?? '')}`)
      .toSorted(),
  ]);
  return [heading('the stores at the end'), ...lines].join('\n');
}

/** Nobody reads the value of a record; what counts is that it exists. */
function stored(name: string, value: string | undefined, names: Names): string {
  return name.includes('_IN_FLIGHT_') ? '(a record)' : quoted(value ?? '', names);
}

function quoted(value: string, names: Names): string {
  if (value === '') return '(empty)';
  return names.value(value).replaceAll('\n', ', ');
}

function heading(text: string): string {
  return `━━━ ${text} ━━━`;
}

function section(title: string, lines: readonly string[]): string[] {
  const filled = lines.filter((line, index) => line !== '' || (index > 0 && index < lines.length - 1));
  return filled.length === 0 ? [] : [`${title}:`, ...filled.map((line) => `  ${line}`.trimEnd())];
}
