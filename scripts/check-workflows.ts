/**
 * Checks the workflow files in examples/ and .github/workflows/:
 *
 * - the file is a workflow by GitHub's own grammar, expressions included;
 * - every `with:` of this action (`org/cobo-refresh-action@…` or `./`) names inputs that action.yml declares, and all
 *   that are required; a call of a workflow of this repository likewise;
 * - actions of others are pinned to a commit, with the version beside it;
 * - the workflow says its `permissions:`.
 *
 * Prints one line for each problem, and exits with 1 if there is any.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { isMap, isPair, isScalar, LineCounter, type Node, parse, parseDocument, visit } from 'yaml';
import { ROOT } from './tools.ts';

interface Problem {
  /** From 1. */
  line: number;
  text: string;
}

interface Declared {
  names: string[];
  required: string[];
}

const OWN_ACTION = /^(?:org\/cobo-refresh-action@.+|\.\/)$/;
const OWN_WORKFLOW = /^(?:org\/cobo-refresh-action|\.)\/(\.github\/workflows\/[\w.-]+?\.ya?ml)(?:@.+)?$/;

/** By GitHub's grammar; the parser knows no severity, so all that it says counts. */
async function grammarProblems(file: string, content: string): Promise<Problem[]> {
  const { context, value } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message, range }) => ({
    line: range?.start.line ?? Number(/Line: (\d+)/.exec(message)?.[1] ?? 1),
    text: message.replace(/^.*?\(Line: \d+, Col: \d+\): /, ''),
  }));
}

/** What is not a matter of grammar. */
function manners(content: string): Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines });
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  const problems: Problem[] = [];
  if (!isMap(document.contents) || !document.contents.has('permissions')) {
    problems.push({ line: 1, text: 'the workflow has no `permissions:`; begin with `permissions: {}`' });
  }
  visit(document, {
    Map(_, map) {
      const pair = map.items.find(({ key }) => isScalar(key) && key.value === 'uses');
      if (!isPair(pair) || !isScalar(pair.value)) return;
      const line = lineOf(pair.value);
      const uses = String(pair.value.value);
      const given = map.get('with');
      const names = isMap(given) ? given.items.map(({ key }) => String(key)) : [];
      const declared = declaredBy(uses);
      const texts =
        declared === undefined
          ? pinProblems(uses, pair.value.comment ?? '')
          : typeof declared === 'string'
            ? [declared]
            : inputProblems(uses, declared, names);
      problems.push(...texts.map((text) => ({ line, text })));
    },
  });
  return problems;
}

/** The inputs of an action or workflow of this repository; `undefined` for those of others. */
function declaredBy(uses: string): Declared | string | undefined {
  if (OWN_ACTION.test(uses)) return readInputs(record(read(join(ROOT, 'action.yml')))['inputs']);
  const path = OWN_WORKFLOW.exec(uses)?.[1];
  if (path === undefined) return undefined;
  if (!existsSync(join(ROOT, path))) return `\`${uses}\` is not there`;
  const events = record(record(read(join(ROOT, path)))['on']);
  return readInputs(record(events['workflow_call'])['inputs']);
}

function readInputs(inputs: unknown): Declared {
  const entries = Object.entries(record(inputs));
  const required = entries.filter(([, input]) => record(input)['required'] === true);
  return { names: entries.map(([name]) => name), required: required.map(([name]) => name) };
}

function inputProblems(uses: string, { names, required }: Declared, given: readonly string[]): string[] {
  // Names of inputs are compared without case.
  const has = (list: readonly string[], name: string): boolean =>
    list.some((one) => one.toLowerCase() === name.toLowerCase());
  return [
    ...given.filter((name) => !has(names, name)).map((name) => `\`${uses}\` has no input \`${name}\``),
    ...required.filter((name) => !has(given, name)).map((name) => `\`${uses}\` needs the input \`${name}\``),
  ];
}

function pinProblems(uses: string, comment: string): string[] {
  if (uses.startsWith('./')) return [];
  if (!/@[0-9a-f]{40}$/.test(uses)) return [`\`${uses}\` is not pinned to a commit (40 hexadecimal characters)`];
  if (!/^\s*v\d+\.\d+\.\d+/.test(comment)) return [`\`${uses}\` has no version beside it (\`# v1.2.3\`)`];
  return [];
}

function read(path: string): unknown {
  return parse(readFileSync(path, 'utf8')) as unknown;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const files = ['examples', '.github/workflows'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`),
);
let count = 0;
for (const file of files) {
  const content = readFileSync(join(ROOT, file), 'utf8');
  const problems = [...(await grammarProblems(file, content)), ...manners(content)];
  for (const { line, text } of problems.sort((a, b) => a.line - b.line)) console.error(`${file}:${line}: ${text}`);
  count += problems.length;
}
if (count > 0) process.exitCode = 1;
else console.log(`${files.length} workflows`);
