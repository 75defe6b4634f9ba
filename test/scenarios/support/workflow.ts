import { readFileSync } from 'node:fs';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { parse } from 'yaml';
import type { Outcome } from '../../../emulators/runner/result.ts';

/** The contexts of an expression: plain data, as `JSON.stringify` writes it. */
export type Contexts = Record<string, unknown>;

/** The parts of a workflow file that matter to the steps of this action, as they stand there. */
export interface Workflow {
  on: { workflow_dispatch?: { inputs?: Record<string, { default?: unknown }> } | null };
  jobs: Record<string, WorkflowJob>;
}

export interface WorkflowJob {
  needs?: string | string[];
  if?: string;
  environment?: string;
  strategy?: { matrix?: unknown };
  env?: Contexts;
  outputs?: Contexts;
  steps: WorkflowStep[];
}

export interface WorkflowStep {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Contexts;
  env?: Contexts;
}

export function readExample(name: string): Workflow {
  return parse(readFileSync(new URL(`../../../examples/${name}.yml`, import.meta.url), 'utf8')) as Workflow;
}

/** The combinations of a matrix of one dimension; a job without a matrix has one, which is empty. */
export function combinations(matrix: unknown): Contexts[] {
  const [first, ...others] = Object.entries((matrix ?? {}) as Record<string, unknown[]>);
  if (others.length > 0) throw new Error('a matrix of several dimensions is not played');
  return first === undefined ? [{}] : first[1].map((value) => ({ [first[0]]: value }));
}

/** A value of a workflow with each `${{ }}` replaced; what is one `${{ }}` alone keeps its type. */
export function resolve(value: unknown, contexts: Contexts): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_, item: unknown) => {
    if (typeof item !== 'string') return item;
    const alone = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(item)?.[1];
    if (alone !== undefined) return JSON.parse(JSON.stringify(evaluate(alone, contexts), data.replacer)) as unknown;
    return item.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, contexts).coerceString());
  });
}

const STATUS_FUNCTIONS = ['success', 'failure', 'cancelled', 'always'];

/** Whether an `if:` holds. Without a status function in it, `success()` is part of it. */
export function isWanted(condition: string | undefined, contexts: Contexts, status: Outcome): boolean {
  const inner = (condition ?? 'success()').replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1');
  const tellsStatus = STATUS_FUNCTIONS.some((name) => inner.includes(`${name}(`));
  // Twice negated: the truth of any value, as the runner sees it.
  const whole = `!!(${tellsStatus ? inner : `success() && (${inner})`})`;
  return evaluate(whole, contexts, status).coerceString() === 'true';
}

/** Evaluates an expression with GitHub's own evaluator. An `if:` alone knows the status. */
function evaluate(expression: string, contexts: Contexts, status?: Outcome): data.ExpressionData {
  const functions = (status === undefined ? [] : STATUS_FUNCTIONS).map((name) => {
    const call = () => new data.BooleanData(name === status || name === 'always');
    return { name, minArgs: 0, maxArgs: 0, call };
  });
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  const known = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new Evaluator(tree, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
}
