import { readFileSync } from 'node:fs';
import { Ajv, type AnySchema } from 'ajv';

/** A part of GitHub's own description of its API; scripts/github-schema.ts makes the file. */
interface Described {
  /** By method and path, then by status; null where the answer has no body. */
  operations: Record<string, Record<string, AnySchema | null>>;
  schemas: Record<string, AnySchema>;
}

const file = new URL('github-schema.json', import.meta.url);
const { operations, schemas } = JSON.parse(readFileSync(file, 'utf8')) as Described;

const ajv = new Ajv({
  // The description has words of its own, and says nothing about fields that it does not know.
  strict: false,
  allErrors: true,
  formats: {
    // GitHub writes whole seconds.
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/,
    uri: (text: string) => URL.canParse(text),
    email: /^[^@]+@[^@]+$/,
    int64: true,
  },
});

/**
 * What is wrong with an answer by GitHub's own description; empty when nothing is.
 * @param path as sent, without a path prefix; the query does not matter
 */
export function faultsIn(method: string, path: string, status: number, body: string): string[] {
  // Redirects have the same form as refusals.
  if (status >= 300) return mismatches('basic-error', schemas['basic-error'], body);
  const [plain = ''] = path.replace(/^\/repositories\/\d+\//, '/repos/o/r/').split('?');
  const name = Object.keys(operations).find((one) => patternOf(one).test(`${method} ${plain}`));
  if (name === undefined) return [`${method} ${path} is not described`];
  const schema = operations[name]?.[status];
  if (schema === undefined) return [`${name} never answers ${status}`];
  if (schema === null) return body === '' ? [] : [`${name} ${status} has no body`];
  return mismatches(`${name} ${status}`, schema, body);
}

function mismatches(name: string, schema: AnySchema | undefined, body: string): string[] {
  if (ajv.schemas[name] === undefined) ajv.addSchema({ ...Object(schema), schemas }, name);
  ajv.validate(name, JSON.parse(body));
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** `…/secrets/public-key` is an operation of its own, not a secret of that name. */
function patternOf(operation: string): RegExp {
  return new RegExp(`^${operation.replaceAll(/\{\w+\}/g, '(?!public-key$)[^/]+')}$`);
}
