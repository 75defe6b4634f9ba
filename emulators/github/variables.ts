import type { Answer } from '../server.ts';
import {
  json,
  lacking,
  noContent,
  notFound,
  objectIn,
  pageOf,
  refusal,
  type Schemas,
  unprocessable,
} from './answers.ts';
import { audienceOf, described, MOST_BYTES, nameRefused, type Place, put, readAudience } from './entries.ts';
import { KINDS } from './stores.ts';

type Variable = Schemas['actions-variable'] | Schemas['organization-actions-variable'];

/** What comes after `…/variables` in the path: nothing (the list, and where one is created), or a name. */
export function variables(place: Place, rest: readonly string[]): Answer {
  const [name, tail] = rest;
  const { method } = place.request;
  if (tail !== undefined) return notFound('no such path');
  if (name === undefined) {
    if (method === 'GET') return list(place);
    return method === 'POST' ? create(place) : notFound('no such method here');
  }
  if (method === 'GET') return one(place, name);
  if (method === 'PATCH') return update(place, name);
  if (method === 'DELETE') return remove(place, name);
  return notFound('no such method here');
}

function list(place: Place): Answer {
  const all = [...place.store.variables.values()];
  const page = pageOf(all, place.request.query, place.url, { usual: 10, most: 30 });
  const shown: Variable[] = page.items.map((entry) => {
    const audience = audienceOf(entry, `${place.url}/${entry.name}`);
    return { ...described(entry), value: entry.value, ...audience };
  });
  const answer = json(200, { total_count: all.length, variables: shown }, `${shown.length} variables listed`);
  return { ...answer, headers: { ...answer.headers, ...page.headers } };
}

function one({ store, url }: Place, name: string): Answer {
  const entry = store.variables.get(name.toUpperCase());
  if (entry === undefined) return notFound(`there is no variable ${name.toUpperCase()}`);
  const variable: Variable = { ...described(entry), value: entry.value, ...audienceOf(entry, url) };
  return json(200, variable, `variable ${entry.name} read`);
}

function create(place: Place): Answer {
  const { store, request } = place;
  const body = objectIn(request.body);
  if ('refused' in body) return body.refused;
  const name = body.values.get('name');
  const value = body.values.get('value');
  if (typeof name !== 'string') return lacking('name');
  if (typeof value !== 'string') return lacking('value');
  const refused = nameRefused('Variable', name) ?? valueRefused(value);
  if (refused !== undefined) return refused;
  const audience = readAudience(body.values, place);
  if ('refused' in audience) return audience.refused;
  if (store.variables.has(name.toUpperCase())) {
    return refusal(409, 'Already exists - Variable already exists');
  }
  const limit = KINDS[store.kind].mostVariables;
  if (store.variables.size >= limit) {
    return unprocessable(`Variables limit reached: ${limit} variables are the most.`);
  }
  put(store.variables, name, value, place.now, audience.audience);
  place.log({ operation: 'create', what: 'variable', name: name.toUpperCase(), value });
  return json(201, {}, `variable ${name.toUpperCase()} created`);
}

function update(place: Place, name: string): Answer {
  const { store, request } = place;
  const entry = store.variables.get(name.toUpperCase());
  if (entry === undefined) return notFound(`there is no variable ${name.toUpperCase()}`);
  const body = objectIn(request.body);
  if ('refused' in body) return body.refused;
  const newName = body.values.get('name') ?? entry.name;
  const value = body.values.get('value') ?? entry.value;
  if (typeof newName !== 'string' || typeof value !== 'string') {
    return unprocessable('Invalid request.\n\nname and value are strings.');
  }
  const refused = nameRefused('Variable', newName) ?? valueRefused(value);
  if (refused !== undefined) return refused;
  const { visibility, selectedRepositoryIds } = entry;
  let audience = {
    ...(visibility === undefined ? {} : { visibility }),
    ...(selectedRepositoryIds === undefined ? {} : { selectedRepositoryIds }),
  };
  if (body.values.has('visibility')) {
    const read = readAudience(body.values, place);
    if ('refused' in read) return read.refused;
    audience = read.audience;
  }
  if (newName.toUpperCase() !== entry.name) {
    if (store.variables.has(newName.toUpperCase())) return refusal(409, 'Already exists');
    store.variables.delete(entry.name);
    store.variables.set(newName.toUpperCase(), entry);
    place.log({ operation: 'delete', what: 'variable', name: entry.name });
  }
  put(store.variables, newName, value, place.now, audience);
  const operation = newName.toUpperCase() === entry.name ? 'update' : 'create';
  place.log({ operation, what: 'variable', name: newName.toUpperCase(), value });
  return noContent(`variable ${newName.toUpperCase()} updated`);
}

function remove({ store, log }: Place, name: string): Answer {
  const key = name.toUpperCase();
  if (!store.variables.delete(key)) return notFound(`there is no variable ${key}`);
  log({ operation: 'delete', what: 'variable', name: key });
  return noContent(`variable ${key} deleted`);
}

function valueRefused(value: string): Answer | undefined {
  if (Buffer.byteLength(value, 'utf8') <= MOST_BYTES) return undefined;
  return unprocessable('Variable value is too large: 48 KB is the limit.');
}
