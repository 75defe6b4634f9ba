import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** The contexts of an expression: plain data, as `JSON.stringify` writes it. */
export type Contexts = Record<string, unknown>;

/** How things stand, for `success()` and its like. */
export interface Status {
  failed: boolean;
  cancelled: boolean;
}

const STATUS_FUNCTIONS = ['success', 'failure', 'always', 'cancelled'] as const;
type StatusFunction = (typeof STATUS_FUNCTIONS)[number];
const STATUS_CALL = /\b(success|failure|always|cancelled)\s*\(/;

/** Evaluates an expression, without its `${{ }}`, with GitHub's own evaluator. */
function evaluate(expression: string, contexts: Contexts, status?: Status): data.ExpressionData {
  const functions = STATUS_FUNCTIONS.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(holds(name, status)),
  }));
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
  const known: unknown = JSON.parse(JSON.stringify(contexts), data.reviver);
  if (!(known instanceof data.Dictionary)) throw new Error('the contexts are no dictionary');
  return new Evaluator(tree, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
}

function holds(name: StatusFunction, status: Status | undefined): boolean {
  if (status === undefined) throw new Error(`${name}() is known in an "if:" alone`);
  const { failed, cancelled } = status;
  return { always: true, cancelled, failure: failed && !cancelled, success: !failed && !cancelled }[name];
}

/** `text` with each `${{ }}` replaced. */
export function fill(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, contexts).coerceString());
}

/** A value of a workflow: what is one `${{ }}` alone keeps its type, and so does what is no text. */
export function resolve(value: unknown, contexts: Contexts): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, contexts));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, contexts)]));
  }
  if (typeof value !== 'string') return value;
  const alone = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(value)?.[1];
  if (alone === undefined) return fill(value, contexts);
  return JSON.parse(JSON.stringify(evaluate(alone, contexts), data.replacer)) as unknown;
}

/** Whether an `if:` holds. Without a status function in it, `success()` is part of it. */
export function isWanted(condition: string | undefined, contexts: Contexts, status: Status): boolean {
  const inner = (condition ?? 'success()').replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1');
  const whole = STATUS_CALL.test(inner) ? inner : `success() && (${inner})`;
  // Twice negated: the truth of any value, as the runner sees it.
  return evaluate(`!!(${whole})`, contexts, status).coerceString() === 'true';
}
