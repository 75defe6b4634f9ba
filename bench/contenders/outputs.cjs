// The least that a reuse costs: the app key, and as many outputs and lines as the action writes. No input is
// read, nothing is checked.
const { createPrivateKey, randomUUID } = require('node:crypto');
const { appendFileSync, writeFileSync, writeSync } = require('node:fs');

const { GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, APP_SECRET } = process.env;
const d = Buffer.from(APP_SECRET, 'hex').toString('base64url');
const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x: '' }, format: 'jwk' });
const { x } = key.export({ format: 'jwk' });
for (let output = 0; output < 7; output++) {
  const delimiter = `ghadelimiter_${randomUUID()}`;
  appendFileSync(GITHUB_OUTPUT, `output-${output}<<${delimiter}\n${x}\n${delimiter}\n`);
}
for (let mask = 0; mask < 4; mask++) writeSync(1, `::add-mask::${mask}\n`);
writeFileSync(GITHUB_STEP_SUMMARY, x);
