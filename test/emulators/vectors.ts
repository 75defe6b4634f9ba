import { readFileSync } from 'node:fs';

/** One request signed by the official JavaScript SDK. */
export interface Vector {
  operation: string;
  private_key: string;
  client_id: string;
  refresh_token?: string;
  org_id?: string;
  request: { method: string; path: string; query: string; body: string };
  headers: { 'biz-api-key': string; 'biz-api-nonce': string; 'biz-api-signature': string };
}

const file = new URL('../vectors/request-signing.json', import.meta.url);

export const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];
