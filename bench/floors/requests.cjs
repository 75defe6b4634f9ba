// The least that a run with write-back waits for: the same requests in the same order, sent by nothing but
// Node's own client. Nothing is signed or sealed, so the services refuse what it asks, which takes them no longer.
const { Agent, request } = require('node:http');

const { COBO_URL, GITHUB_URL, GITHUB_TOKEN } = process.env;
const agent = new Agent({ keepAlive: true });
const secrets = `${GITHUB_URL}/repos/octo/app/actions/secrets`;

function send(method, url, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      'User-Agent': 'floor',
      Authorization: `Bearer ${GITHUB_TOKEN}`,
      ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}),
    };
    const sent = request(url, { method, agent, headers }, (answer) => {
      answer.on('data', () => undefined);
      answer.once('close', resolve);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

async function run() {
  await Promise.all([
    send('GET', `${GITHUB_URL}/repos/octo/app/actions/runs/1`),
    send('GET', `${secrets}/public-key`),
    send('GET', `${secrets}/COBO_REFRESH_TOKEN`),
  ]);
  await send('PUT', `${secrets}/FLOOR`, '{}');
  await Promise.all([send('POST', `${COBO_URL}/v2/oauth/token`, '{}'), send('DELETE', `${secrets}/FLOOR`)]);
  await send('PUT', `${secrets}/FLOOR`, '{}');
}

void run().then(() => process.exit(0));
