// What people do by hand: the official SDK refreshes, libsodium seals, and fetch stores. Nothing is checked,
// nothing is tried again, and whatever fails after the refresh loses the token.
const { ApiClient, OAuthApi, RefreshTokenRequest } = require('@cobo/cobo-waas2');

const { COBO_URL, APP_SECRET, CLIENT_ID, REFRESH_TOKEN, GITHUB_URL, GITHUB_TOKEN, GITHUB_OUTPUT } = process.env;
const environments = (process.env.ENVIRONMENTS ?? '').split(' ').filter(Boolean);
// The SDK prints what it signs.
console.log = () => undefined;

async function refresh() {
  const api = new OAuthApi(new ApiClient({ basePath: COBO_URL }, APP_SECRET));
  const fields = { client_id: CLIENT_ID, grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN };
  return await api.refreshToken(RefreshTokenRequest.constructFromObject(fields));
}

async function store(environment, value) {
  const sodium = require('libsodium-wrappers');
  await sodium.ready;
  const secrets = `${GITHUB_URL}/repos/octo/app/environments/${environment}/secrets`;
  const headers = { Authorization: `Bearer ${GITHUB_TOKEN}`, Accept: 'application/vnd.github+json' };
  const { key, key_id } = await (await fetch(`${secrets}/public-key`, { headers })).json();
  const publicKey = sodium.from_base64(key, sodium.base64_variants.ORIGINAL);
  const sealed = sodium.crypto_box_seal(value, publicKey);
  const encrypted_value = sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL);
  const body = JSON.stringify({ encrypted_value, key_id });
  const answer = await fetch(`${secrets}/COBO_REFRESH_TOKEN`, { method: 'PUT', headers, body });
  if (!answer.ok) throw new Error(`GitHub answered ${answer.status}`);
}

async function run() {
  const { access_token, refresh_token } = await refresh();
  await Promise.all(environments.map((environment) => store(environment, refresh_token)));
  require('node:fs').appendFileSync(GITHUB_OUTPUT, `access-token=${access_token}\n`);
}

void run().then(() => process.exit(0));
