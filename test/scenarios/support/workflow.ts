import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Contexts, resolve } from './expressions.ts';

/** The parts of a workflow file that matter to the steps of this action. */
export interface Workflow {
  /** Of `workflow_dispatch`, with their defaults. */
  inputs: Record<string, unknown>;
  jobs: WorkflowJob[];
}

export interface WorkflowJob {
  id: string;
  needs: string[];
  if: string | undefined;
  environment: string | undefined;
  matrix: unknown;
  env: Record<string, unknown>;
  outputs: Record<string, unknown>;
  steps: WorkflowStep[];
}

export interface WorkflowStep {
  id: string | undefined;
  name: string;
  if: string | undefined;
  uses: string | undefined;
  with: Record<string, unknown>;
  env: Record<string, unknown>;
}

/** Reads an example. */
export function readExample(name: string): Workflow {
  const file = new URL(`../../../examples/${name}.yml`, import.meta.url);
  const root = record(parse(readFileSync(file, 'utf8')));
  const { inputs } = record(record(root['on'])['workflow_dispatch']);
  const defaults = Object.entries(record(inputs)).map(([key, input]) => [key, record(input)['default'] ?? '']);
  return {
    inputs: Object.fromEntries(defaults),
    jobs: Object.entries(record(root['jobs'])).map(([id, job]) => readJob(id, record(job))),
  };
}

function readJob(id: string, job: Record<string, unknown>): WorkflowJob {
  const steps: unknown[] = Array.isArray(job['steps']) ? job['steps'] : [];
  return {
    id,
    needs: [job['needs'] ?? []].flat().map(String),
    if: word(job['if']),
    environment: word(job['environment']),
    matrix: record(job['strategy'])['matrix'],
    env: record(job['env']),
    outputs: record(job['outputs']),
    steps: steps.map((step) => readStep(record(step))),
  };
}

function readStep(step: Record<string, unknown>): WorkflowStep {
  const uses = word(step['uses']);
  return {
    id: word(step['id']),
    uses,
    name: word(step['name']) ?? uses?.split('@')[0] ?? word(step['run']) ?? '',
    if: word(step['if']),
    with: record(step['with']),
    env: record(step['env']),
  };
}

/** The combinations of a matrix; a job without one has one, which is empty. */
export function combinations(matrix: unknown, contexts: Contexts): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(record(resolve(matrix, contexts)))) {
    if (!Array.isArray(values)) throw new Error(`the matrix has no list for ${name}`);
    all = all.flatMap((one) => values.map((value: unknown) => ({ ...one, [name]: value })));
  }
  return all;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
