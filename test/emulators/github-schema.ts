import { readFileSync } from 'node:fs';
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';

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
const validators = new Map<AnySchema, ValidateFunction>();

/**
 * What is wrong with an answer by GitHub's own description; empty when nothing is.
 * @param path as sent, without a path prefix; the query does not matter
 */
export function faultsIn(method: string, path: string, status: number, body: string): string[] {
  // Redirects have the same form as refusals.
  if (status >= 300) return mismatches(schemas['basic-error'] ?? {}, body);
  const name = operationOf(method, path);
  if (name === undefined) return [`${method} ${path} is not described`];
  const schema = operations[name]?.[String(status)];
  if (schema === undefined) return [`${name} never answers ${status}`];
  if (schema === null) return body === '' ? [] : [`${name} ${status} has no body`];
  return mismatches(schema, body);
}

function mismatches(schema: AnySchema, body: string): string[] {
  let validate = validators.get(schema);
  if (validate === undefined) {
    validate = ajv.compile({ ...Object(schema), schemas });
    validators.set(schema, validate);
  }
  if (validate(JSON.parse(body))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function operationOf(method: string, path: string): string | undefined {
  const [plain = ''] = path.split('?');
  const byName = plain.replace(/^\/repositories\/\d+\//, '/repos/o/r/');
  return Object.keys(operations).find((name) => {
    const [itsMethod, template = ''] = name.split(' ');
    return itsMethod === method && patternOf(template).test(byName) && !isOtherWord(template, byName);
  });
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

/** `…/secrets/public-key` is an operation of its own, not a secret of that name. */
function isOtherWord(template: string, path: string): boolean {
  return path.endsWith('/public-key') && !template.endsWith('/public-key');
}
