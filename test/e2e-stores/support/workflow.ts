import { parse } from 'yaml';
import { type Contexts, resolve } from './expressions.ts';

/** The parts of a workflow file that the model of the runner obeys. */
export interface Workflow {
  name: string;
  env: Record<string, unknown>;
  concurrency: Concurrency | undefined;
  jobs: Job[];
  /** Of `workflow_dispatch` or `workflow_call`, with their defaults. */
  inputs: Record<string, unknown>;
  /** Names of the secrets that `workflow_call` declares. */
  secrets: string[];
}

export interface Concurrency {
  group: string;
  /** Whether any number of runs may wait; otherwise the newest alone. */
  all: boolean;
}

export interface Job {
  id: string;
  needs: string[];
  if: string | undefined;
  /** The name, before expressions are evaluated. */
  environment: string | undefined;
  concurrency: Concurrency | undefined;
  matrix: unknown;
  env: Record<string, unknown>;
  outputs: Record<string, unknown>;
  steps: Step[];
  /** A reusable workflow instead of steps. */
  uses: string | undefined;
  with: Record<string, unknown>;
  secrets: 'inherit' | Record<string, unknown>;
}

export interface Step {
  id: string | undefined;
  name: string;
  if: string | undefined;
  uses: string | undefined;
  run: string | undefined;
  with: Record<string, unknown>;
  env: Record<string, unknown>;
}

/** Reads a workflow file. Whether it is one is for scripts/check-workflows.ts to say. */
export function readWorkflow(text: string): Workflow {
  const root = record(parse(text));
  // In YAML 1.1, which some readers still speak, `on` is true.
  const events = record(root['on']);
  const event = record(events['workflow_dispatch'] ?? events['workflow_call']);
  const inputs = Object.entries(record(event['inputs']));
  return {
    name: word(root['name']) ?? '',
    env: record(root['env']),
    concurrency: concurrency(root['concurrency']),
    jobs: Object.entries(record(root['jobs'])).map(([id, job]) => readJob(id, record(job))),
    inputs: Object.fromEntries(inputs.map(([name, input]) => [name, record(input)['default'] ?? ''])),
    secrets: Object.keys(record(event['secrets'])),
  };
}

function readJob(id: string, job: Record<string, unknown>): Job {
  const { environment, needs, steps } = job;
  return {
    id,
    needs: (Array.isArray(needs) ? needs : [needs ?? []].flat()).map(String),
    if: word(job['if']),
    environment: word(environment) ?? word(record(environment)['name']),
    concurrency: concurrency(job['concurrency']),
    matrix: record(job['strategy'])['matrix'],
    env: record(job['env']),
    outputs: record(job['outputs']),
    steps: (Array.isArray(steps) ? steps : []).map((step: unknown) => readStep(record(step))),
    uses: word(job['uses']),
    with: record(job['with']),
    secrets: job['secrets'] === 'inherit' ? 'inherit' : record(job['secrets']),
  };
}

function readStep(step: Record<string, unknown>): Step {
  const [uses, run, id] = [word(step['uses']), word(step['run']), word(step['id'])];
  return {
    ...{ id, uses, run },
    name: word(step['name']) ?? uses ?? run ?? '',
    if: word(step['if']),
    with: record(step['with']),
    env: record(step['env']),
  };
}

function concurrency(value: unknown): Concurrency | undefined {
  if (value === undefined) return undefined;
  const group = word(value) ?? word(record(value)['group']) ?? '';
  return { group, all: record(value)['queue'] === 'max' };
}

/** GitHub runs no larger matrix. */
const MOST_JOBS = 256;

/**
 * The combinations of a matrix: every value of each list with every other, or the entries of `include`
 * where there are no lists. A job without a matrix has one, which is empty.
 * @throws Error for a matrix that GitHub would not run
 */
export function combinations(matrix: unknown, contexts: Contexts): Record<string, unknown>[] {
  if (matrix === undefined) return [{}];
  const { include, ...lists } = record(resolve(matrix, contexts));
  let all: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(lists)) {
    if (!Array.isArray(values)) throw new Error(`the matrix has no list for ${name}`);
    all = all.flatMap((one) => values.map((value: unknown) => ({ ...one, [name]: value })));
  }
  if (Array.isArray(include)) all = Object.keys(lists).length === 0 ? include.map(record) : all;
  if (all.length === 0 || all.length > MOST_JOBS) throw new Error(`a matrix of ${all.length} jobs`);
  return all;
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function word(value: unknown): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
