import type { Answer } from '../server.ts';
import { json, lacking, noContent, notFound, objectIn, pageOf, type Schemas, unprocessable } from './answers.ts';
import { audienceOf, described, MOST_BYTES, nameRefused, type Place, put, readAudience } from './entries.ts';
import { minimalRepository } from './repositories.ts';
import { KINDS } from './stores.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Secret = Schemas['actions-secret'] | Schemas['organization-actions-secret'];

/**
 * What comes after `…/secrets` in the path: nothing (the list), `public-key`, a name, or a name and
 * `repositories`.
 */
export function secrets(place: Place, rest: readonly string[]): Answer {
  const [name, tail] = rest;
  const { method } = place.request;
  if (name === undefined) return method === 'GET' ? list(place) : notFound('no such method here');
  if (name === 'public-key' && method === 'GET' && tail === undefined) return publicKey(place);
  if (tail === 'repositories' && method === 'GET') return selectedRepositories(place, name);
  if (tail !== undefined) return notFound('no such path');
  if (method === 'GET') return one(place, name);
  if (method === 'PUT') return write(place, name);
  if (method === 'DELETE') return remove(place, name);
  return notFound('no such method here');
}

function publicKey({ store }: Place): Answer {
  const key: Schemas['actions-public-key'] & Schemas['dependabot-public-key'] = store.publicKey;
  return json(200, key, `public key ${key.key_id} handed out`);
}

function list(place: Place): Answer {
  const all = [...place.store.secrets.values()];
  const page = pageOf(all, place.request.query, place.url, { usual: 30, most: 100 });
  const shown: Secret[] = page.items.map((entry) => {
    return { ...described(entry), ...audienceOf(entry, `${place.url}/${entry.name}`) };
  });
  const answer = json(200, { total_count: all.length, secrets: shown }, `${shown.length} secrets listed`);
  return { ...answer, headers: { ...answer.headers, ...page.headers } };
}

function one({ store, url }: Place, name: string): Answer {
  const entry = store.secrets.get(name.toUpperCase());
  if (entry === undefined) return notFound(`there is no secret ${name.toUpperCase()}`);
  const secret: Secret = { ...described(entry), ...audienceOf(entry, url) };
  return json(200, secret, `secret ${entry.name} described, its value not`);
}

function remove({ store, log }: Place, name: string): Answer {
  const key = name.toUpperCase();
  if (!store.secrets.delete(key)) return notFound(`there is no secret ${key}`);
  log({ operation: 'delete', what: 'secret', name: key });
  return noContent(`${key} deleted`);
}

function write(place: Place, name: string): Answer {
  const { store, request } = place;
  const badName = nameRefused('Secret', name);
  if (badName !== undefined) return badName;
  const body = objectIn(request.body);
  if ('refused' in body) return body.refused;
  const box = body.values.get('encrypted_value');
  const keyId = body.values.get('key_id');
  if (typeof box !== 'string') return lacking('encrypted_value');
  if (typeof keyId !== 'string') return lacking('key_id');
  if (!BASE64.test(box)) return unprocessable('Invalid request.\n\nencrypted_value is not base64.');
  const audience = readAudience(body.values, place);
  if ('refused' in audience) return audience.refused;
  if (keyId !== store.publicKey.key_id) {
    return unprocessable(`The key_id ${keyId.slice(0, 40)} is not the current public key's.`);
  }
  const plain = store.open(box);
  if (plain === undefined) return unprocessable('Improperly encrypted secret');
  if (plain.length > MOST_BYTES) return unprocessable('Secret value is too large: 48 KB is the limit.');
  const limit = KINDS[store.kind].mostSecrets;
  if (store.secrets.size >= limit && !store.secrets.has(name.toUpperCase())) {
    return unprocessable(`Secrets limit reached: ${limit} secrets are the most.`);
  }
  const value = Buffer.from(plain).toString('utf8');
  const isNew = put(store.secrets, name, value, place.now, audience.audience);
  place.log({ operation: isNew ? 'create' : 'update', what: 'secret', name: name.toUpperCase(), value });
  const verdict = `sealed box opened, ${name.toUpperCase()} ${isNew ? 'created' : 'updated'}`;
  return isNew ? json(201, {}, verdict) : noContent(verdict);
}

function selectedRepositories(place: Place, name: string): Answer {
  const { store, estate, request, url, base } = place;
  const entry = store.secrets.get(name.toUpperCase());
  if (store.kind !== 'organization') return notFound('only organizations select repositories');
  if (entry === undefined) return notFound(`there is no secret ${name.toUpperCase()}`);
  const ids = entry.selectedRepositoryIds ?? [];
  const page = pageOf(ids, request.query, url, { usual: 30, most: 100 });
  const repositories = page.items.flatMap((id) => {
    const repository = estate.repositoryWithId(id);
    return repository === undefined ? [] : [minimalRepository(repository, base)];
  });
  const answer = json(200, { total_count: ids.length, repositories }, `repositories of ${entry.name} listed`);
  return { ...answer, headers: { ...answer.headers, ...page.headers } };
}
