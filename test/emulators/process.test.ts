import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startCobo } from '../../emulators/cobo.ts';
import type { ProcessAnswer, ProcessReport } from '../../emulators/process.ts';
import { certificate } from '../support/certificate.ts';
import { raw } from './client.ts';

test('both emulators run in a process of their own', async () => {
  const entry = fileURLToPath(new URL('../../emulators/process.ts', import.meta.url));
  const args = ['--import', 'tsx', entry, '{"latencyMs":1}'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <Line>() => JSON.parse(String((await lines.next()).value)) as Line;
  const { cobo, github } = await next<ProcessAnswer>();
  expect(cobo.refreshToken).toMatch(/^[0-9A-Za-z]{64}$/);
  const headers = { authorization: `Bearer ${github.token}`, 'user-agent': 'test' };
  const url = `${github.url}/repos/${github.repository}/environments/cobo/secrets/public-key`;
  expect((await raw(url, { headers })).status).toBe(200);
  child.stdin.write('{"reset":true,"issue":true,"latencyMs":0}\n{}\n');
  const before = await next<ProcessReport>();
  expect([before.github, before.refreshToken?.length]).toEqual([{ requests: 1, maxInFlight: 1 }, 64]);
  expect((await next<ProcessReport>()).github.requests).toBe(0);
  child.stdin.end();
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('an emulator speaks TLS when it gets a certificate', async () => {
  const tls = certificate();
  const cobo = await startCobo({ tls });
  cobo.faults.add({ skip: 1, fault: { kind: 'cut', when: 'after' } });
  expect(cobo.url).toMatch(/^https:/);
  expect((await raw(`${cobo.url}/wallets`, { ca: tls.cert })).status).toBe(401);
  expect((await raw(`${cobo.url}/wallets`, { ca: tls.cert })).failure).toBe('ECONNRESET');
  await cobo.close();
});
