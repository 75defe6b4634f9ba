import { X509Certificate } from 'node:crypto';
import { describe, expect } from 'vitest';
import { STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { makeAuthority } from './support/certificates.ts';
import { COBO_HOST, overTls } from './support/network.ts';
import { it } from './support/stores.ts';

describe('TLS under an authority of the company', () => {
  it.concurrent('is trusted through NODE_EXTRA_CA_CERTS, for both services', async ({ open, file }) => {
    const { authority, options } = overTls();
    const stage = await open(options);
    expect([stage.cobo.origin, stage.github.origin].every((url) => url.startsWith('https:'))).toBe(true);
    const env = { NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate) };
    expectSuccess(stage, await stage.run({}, { env }), { state: 'stored' });
  });

  it.concurrent('is not trusted without it: nothing is sent to GitHub, nothing is spent', async ({
    open,
  }) => {
    const stage = await open(overTls().options);
    const result = await stage.run({ 'max-attempts': '1' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'github-unavailable',
      says: ["the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)"],
      remedy: 'nothing was spent',
    });
    expect([...stage.cobo.requests, ...stage.github.requests]).toEqual([]);
  });

  it.concurrent('is not trusted without it: nothing is sent to Cobo, nothing is spent', async ({ open }) => {
    const stage = await open({ cobo: overTls().options.cobo ?? {} });
    const result = await stage.run({ 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: ["the host's certificate comes from an unknown authority"],
      remedy: 'then run the job again',
    });
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.cobo.state(stage.refreshToken)).toBe('living');
  });

  it.concurrent('is not trusted under another authority, nor with org-id taken for a lost answer', async ({
    open,
    file,
  }) => {
    const stage = await open({ cobo: overTls().options.cobo ?? {} });
    const env = { NODE_EXTRA_CA_CERTS: await file('ca.pem', makeAuthority('Somebody else').certificate) };
    const changes = { 'org-id': stage.cobo.client.orgId, 'max-attempts': '1' };
    const result = await stage.run(changes, { env });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: ['Cobo cannot be reached'],
      remedy: 'then run the job again',
    });
    expect(stage.cobo.requests).toEqual([]);
  });

  it.concurrent('is not trusted for another name', async ({ open, file }) => {
    const authority = makeAuthority();
    const stage = await open({ cobo: { tls: authority.issue(COBO_HOST) } });
    const env = { NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate) };
    const result = await stage.run({ 'max-attempts': '1' }, { env });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: ['ERR_TLS_CERT_ALTNAME_INVALID'],
      remedy: 'then run the job again',
    });
    expect(stage.github.secretValue(STORE, 'COBO_REFRESH_TOKEN')).toBe(stage.refreshToken);
  });
});

describe('the authority of these tests', () => {
  it('writes certificates that Node reads as they were meant', () => {
    const authority = makeAuthority('An authority');
    const root = new X509Certificate(authority.certificate);
    const leaf = new X509Certificate(authority.issue('a.test', '127.0.0.1').cert);
    expect(root).toMatchObject({ ca: true, subject: 'CN=An authority', issuer: 'CN=An authority' });
    expect(leaf).toMatchObject({ ca: false, subject: 'CN=a.test', issuer: 'CN=An authority' });
    expect(leaf.subjectAltName).toBe('DNS:a.test, IP Address:127.0.0.1');
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(new X509Certificate(makeAuthority().certificate).publicKey)).toBe(false);
  });
});
