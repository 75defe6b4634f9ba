/**
 * Takes what the emulated GitHub answers out of GitHub's own description of its REST API, and writes it as
 * JSON Schema: test/emulators/github-schema.json, which a test holds every answer against. The description
 * is too large for a dependency (a package of almost 400 MB), so it is downloaded for this alone.
 *
 *     npx tsx scripts/github-schema.ts
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './tools.ts';

const PACKAGE = '@octokit/openapi@23.0.2';
const TARGET = join(ROOT, 'test/emulators/github-schema.json');
const LICENCE = join(ROOT, 'test/emulators/github-schema.LICENSE.txt');

const ENTRIES = [
  '/repos/{owner}/{repo}/actions',
  '/repos/{owner}/{repo}/environments/{environment_name}',
  '/repos/{owner}/{repo}/dependabot',
  '/orgs/{org}/actions',
];
const USED = new Set([
  ...ENTRIES.flatMap((place) => [
    `GET ${place}/secrets`,
    `GET ${place}/secrets/public-key`,
    ...['GET', 'PUT', 'DELETE'].map((method) => `${method} ${place}/secrets/{secret_name}`),
    ...['GET', 'POST'].map((method) => `${method} ${place}/variables`),
    ...['GET', 'PATCH', 'DELETE'].map((method) => `${method} ${place}/variables/{name}`),
  ]),
  'GET /orgs/{org}/actions/secrets/{secret_name}/repositories',
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
]);

/** Words of a schema that check nothing. */
const UNUSED = new Set(['description', 'example', 'examples', 'title', 'deprecated', 'readOnly', 'default']);

interface Description {
  paths: Record<string, Record<string, { responses: Record<string, Described> }>>;
  components: { schemas: Record<string, unknown> };
}

/** What is kept of it. */
interface Extract {
  source: string;
  operations: Record<string, object>;
  schemas: Record<string, unknown>;
}

interface Described {
  content?: Record<string, { schema?: unknown }>;
}

const folder = mkdtempSync(join(tmpdir(), 'github-schema-'));
try {
  execFileSync('npm', ['pack', PACKAGE, '--pack-destination', folder], { cwd: folder, stdio: 'ignore' });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const files = ['package/generated/api.github.com.json', 'package/LICENSE'];
  execFileSync('tar', ['-xzf', archive, ...files], { cwd: folder });
  const file = join(folder, 'package/generated/api.github.com.json');
  const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
  writeFileSync(TARGET, linesOf(extract(description)));
  copyFileSync(join(folder, 'package/LICENSE'), LICENCE);
} finally {
  rmSync(folder, { recursive: true });
}

/** JSON with a line for each operation and each schema, so that a difference can be read. */
function linesOf({ source, ...parts }: Extract): string {
  const texts = Object.entries(parts).map(([name, part]) => {
    const lines = Object.entries(part).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    return `"${name}": {\n${lines.join(',\n')}\n}`;
  });
  return `{\n"source": "${source}",\n${texts.join(',\n')}\n}\n`;
}

/** The answers of the operations in use by status (null where there is no body), and the schemas in them. */
function extract({ paths, components }: Description): Extract {
  const operations: Record<string, Record<string, unknown>> = {};
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      if (!USED.has(name)) continue;
      const answers = Object.entries(responses).map(([status, { content }]) => {
        return [status, toJsonSchema(content?.['application/json']?.schema ?? null)];
      });
      operations[name] = Object.fromEntries(answers) as Record<string, unknown>;
    }
  }
  const schemas: Record<string, unknown> = {};
  const wanted = ['basic-error', ...referred(operations)];
  for (const name of wanted) {
    if (name in schemas) continue;
    schemas[name] = toJsonSchema(components.schemas[name]);
    wanted.push(...referred(schemas[name]));
  }
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
  return { source: PACKAGE, operations, schemas: sorted };
}

function referred(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"#\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
}

/** OpenAPI 3.0 differs from JSON Schema in `nullable`. */
function toJsonSchema(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => toJsonSchema(item));
  if (typeof value !== 'object' || value === null) return value;
  const schema: Record<string, unknown> = {};
  let isNullable = false;
  for (const [key, item] of Object.entries(value)) {
    if (isMap) schema[key] = toJsonSchema(item);
    else if (key === '$ref') schema[key] = String(item).replace('#/components/schemas/', '#/schemas/');
    else if (key === 'nullable') isNullable = item === true;
    else if (key === 'enum') schema[key] = item;
    else if (!UNUSED.has(key) && !key.startsWith('x-')) schema[key] = toJsonSchema(item, key === 'properties');
  }
  return isNullable && !isMap ? { anyOf: [schema, { type: 'null' }] } : schema;
}
