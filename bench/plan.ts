import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import sodium from 'libsodium-wrappers';
import { doubleSha256 } from '../emulators/cobo/keys.ts';
import type { ProcessAnswer } from '../emulators/process.ts';

/** A request, all of it made beforehand. */
interface Prepared {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** What bench/contenders/floor.cjs sends: the requests of a stage at once, and stage after stage. */
export interface Plan {
  connections: { origin: string; count: number }[];
  stages: Prepared[][];
}

const MOST_AT_ONCE = 10;
const SECRET = 'COBO_REFRESH_TOKEN';
/** What goes before the 32-byte seed in a PKCS#8 document (RFC 8410, section 7). */
const PKCS8_HEAD = '302e020100300506032b657004220420';

/** Makes the requests of a rotation beforehand, signed and sealed, for a script that only sends them. */
export class Planner {
  readonly #facts: ProcessAnswer;
  readonly #authority: string | undefined;
  readonly #keys = new Map<string, { key: string; key_id: string }>();
  /** The record that the rotation before has left, by environment. */
  readonly #records = new Map<string, string>();

  /** @param authority PEM text of the certificate that the services show */
  constructor(facts: ProcessAnswer, authority: string | undefined) {
    this.#facts = facts;
    this.#authority = authority;
  }

  /**
   * What a rotation needs: two reads a store, the records (the first store's before all others), Cobo, and the
   * new token into each store. What an older run has left is deleted while Cobo works.
   */
  async rotation(refreshToken: string, environments: readonly string[]): Promise<Plan> {
    await sodium.ready;
    const { cobo, github } = this.#facts;
    const refresh = this.#refresh(refreshToken);
    const connections = [{ origin: new URL(cobo.url).origin, count: 1 }];
    if (environments.length === 0) return { connections, stages: [[refresh]] };
    const count = Math.min(MOST_AT_ONCE, 2 * environments.length);
    connections.push({ origin: new URL(github.url).origin, count });
    const name = `${SECRET}_IN_FLIGHT_${randomBytes(6).toString('hex').toUpperCase()}`;
    const records = await Promise.all(environments.map((one) => this.#put(one, name, refreshToken)));
    const tokens = await Promise.all(environments.map((one) => this.#put(one, SECRET, refreshToken)));
    const old = environments.flatMap((environment) => {
      const record = this.#records.get(environment);
      this.#records.set(environment, name);
      return record === undefined ? [] : [this.#ask('DELETE', environment, record)];
    });
    const reads = environments.flatMap((environment) => [
      this.#ask('GET', environment, 'public-key'),
      this.#ask('GET', environment, '?per_page=100'),
    ]);
    const stages = [reads, records.slice(0, 1), records.slice(1), [refresh, ...old], tokens];
    return { connections, stages: stages.filter((stage) => stage.length > 0) };
  }

  #refresh(refreshToken: string): Prepared {
    const { url, client } = this.#facts.cobo;
    const target = new URL(`${url}/oauth/token`);
    const fields = { client_id: client.clientId, grant_type: 'refresh_token', refresh_token: refreshToken };
    const body = JSON.stringify(fields);
    const nonce = String(Date.now());
    const key = createPrivateKey({
      key: Buffer.from(PKCS8_HEAD + client.appSecretHex, 'hex'),
      format: 'der',
      type: 'pkcs8',
    });
    const signed = doubleSha256(Buffer.from(`POST|${target.pathname}|${nonce}||${body}`));
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'Biz-Api-Key': client.appKeyHex,
      'Biz-Api-Nonce': nonce,
      'Biz-Api-Signature': sign(null, signed, key).toString('hex'),
    };
    return { method: 'POST', url: target.href, headers, body };
  }

  #ask(method: string, environment: string, below: string): Prepared {
    const { url, token } = this.#facts.github;
    const headers = {
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${token}`,
      'User-Agent': 'floor',
      'X-GitHub-Api-Version': '2022-11-28',
    };
    const secrets = `${url}/repos/octo/app/environments/${environment}/secrets`;
    return { method, url: secrets + (below.startsWith('?') ? below : `/${below}`), headers };
  }

  async #put(environment: string, name: string, value: string): Promise<Prepared> {
    const { key, key_id } = await this.#key(environment);
    const publicKey = sodium.from_base64(key, sodium.base64_variants.ORIGINAL);
    const sealed = sodium.crypto_box_seal(value, publicKey);
    const encrypted_value = sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL);
    const body = JSON.stringify({ encrypted_value, key_id });
    const asked = this.#ask('PUT', environment, name);
    const more = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    return { ...asked, headers: { ...asked.headers, ...more }, body };
  }

  async #key(environment: string): Promise<{ key: string; key_id: string }> {
    const known = this.#keys.get(environment);
    if (known !== undefined) return known;
    const { url, headers } = this.#ask('GET', environment, 'public-key');
    const text = await new Promise<string>((resolve, reject) => {
      const ask = url.startsWith('https:') ? request : plainRequest;
      const sent = ask(url, { headers, ca: this.#authority }, (answer) => {
        let body = '';
        answer.on('data', (chunk) => {
          body += String(chunk);
        });
        answer.once('end', () => resolve(body));
      });
      sent.once('error', reject).end();
    });
    const key = JSON.parse(text) as { key: string; key_id: string };
    this.#keys.set(environment, key);
    return key;
  }
}
