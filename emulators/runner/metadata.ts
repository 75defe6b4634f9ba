import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { GitHubContext } from './environment.ts';

/** What the runner takes from action.yml. */
export interface ActionMetadata {
  /** Each declared input and its default, before expressions are evaluated; empty where there is none. */
  inputs: ReadonlyMap<string, string>;
  /** The names of the declared outputs. */
  outputs: readonly string[];
  /** The script to run, relative to the action. */
  main: string;
  /** The script of the post step, if there is one. */
  post: string | undefined;
  /** When the post step runs. */
  postIf: string;
}

const cache = new Map<string, ActionMetadata>();

/**
 * Reads `action.yml` in `actionDir`, once per folder.
 * @throws Error when it is no JavaScript action for Node 24
 */
export function readMetadata(actionDir: string): ActionMetadata {
  const known = cache.get(actionDir);
  if (known) return known;
  const document = record(parse(readFileSync(join(actionDir, 'action.yml'), 'utf8')));
  const runs = record(document['runs']);
  if (runs['using'] !== 'node24') throw new Error(`action.yml says using: ${runs['using']}, not node24`);
  if (typeof runs['main'] !== 'string') throw new Error('action.yml names no runs.main');
  const inputs = new Map<string, string>();
  for (const [name, input] of Object.entries(record(document['inputs']))) {
    inputs.set(name, String(record(input)['default'] ?? ''));
  }
  const metadata: ActionMetadata = {
    inputs,
    outputs: Object.keys(record(document['outputs'])),
    main: runs['main'],
    post: typeof runs['post'] === 'string' ? runs['post'] : undefined,
    postIf: String(runs['post-if'] ?? 'always()'),
  };
  cache.set(actionDir, metadata);
  return metadata;
}

/**
 * The INPUT_ variables of a step: every declared input is set, one that was not given to its default.
 * @throws Error for an input that action.yml does not declare (the runner only warns, but it is always
 *   a mistake in a test)
 */
export function inputVariables(
  metadata: ActionMetadata,
  given: Readonly<Record<string, string>>,
  github: GitHubContext,
): Record<string, string> {
  const declared = new Map([...metadata.inputs.keys()].map((name) => [name.toLowerCase(), name]));
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const known = declared.get(name.toLowerCase());
    if (known === undefined) {
      throw new Error(`Unexpected input '${name}', valid inputs are ${[...metadata.inputs.keys()].join(', ')}`);
    }
    values.set(known, value);
  }
  const variables: Record<string, string> = {};
  for (const [name, fallback] of metadata.inputs) {
    variables[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = values.get(name) ?? evaluate(fallback, github);
  }
  return variables;
}

/** Evaluates the one kind of expression that a default here needs, `${{ github.name }}`. */
function evaluate(text: string, github: GitHubContext): string {
  const context: Readonly<Record<string, string | undefined>> = { ...github };
  return text.replace(/\$\{\{(.*?)\}\}/gs, (whole, expression: string) => {
    const name = /^\s*github\.(\w+)\s*$/.exec(expression)?.[1];
    if (name === undefined) throw new Error(`This emulation does not evaluate ${whole}`);
    return context[name] ?? '';
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
