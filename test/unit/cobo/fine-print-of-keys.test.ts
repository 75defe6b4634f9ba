import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppSecretError, readAppSecret } from '../../../src/cobo/app-key.ts';
import { getOrgAccessToken } from '../../../src/cobo/operations.ts';
import { doubleSha256 } from '../../../src/cobo/signing.ts';
import { verifyAnswer } from '../../../src/cobo/verification.ts';
import { newSigner, signed } from './fake-cobo.ts';

// What mutation testing found nobody looking at.

function problemOf(text: string): AppSecretError {
  try {
    readAppSecret(text);
  } catch (error) {
    if (error instanceof AppSecretError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('what is wrong with an app secret', () => {
  it('is an error with a name', () => {
    expect(problemOf('x').name).toBe('AppSecretError');
  });

  it.each(['RSA', 'EC', 'DSA'])('is its type, even when the PEM of type %s is bent', (type) => {
    const pem = `-----BEGIN ${type} PRIVATE KEY-----\nAAAA\n-----END ${type} PRIVATE KEY-----`;
    expect(problemOf(pem).message).toBe(`is a PEM of type ${type}, not of an Ed25519 key`);
  });

  it('is a length only where everything is hexadecimal', () => {
    expect(problemOf('a'.repeat(130)).message).toBe('has 130 hexadecimal characters instead of 64');
    expect(problemOf(`g!${'a'.repeat(128)}`).message).not.toContain('128');
    expect(problemOf(`${'a'.repeat(128)}!`).message).not.toContain('128');
  });

  it('is the 0x only at the beginning of exactly one key', () => {
    expect(problemOf(`0x${'a'.repeat(64)}`).message).toBe('begins with 0x');
    expect(problemOf(`!0x${'a'.repeat(64)}`).message).not.toContain('0x');
    expect(problemOf(`0x${'a'.repeat(65)}`).message).not.toContain('0x');
  });

  it('is an OpenSSH key only where it begins as one', () => {
    expect(problemOf('ssh-ed25519 AAAA').message).toContain('OpenSSH');
    expect(problemOf('ecdsa-sha2-nistp256 AAAA').message).toContain('OpenSSH');
    expect(problemOf('my ssh-ed25519 AAAA').message).not.toContain('OpenSSH');
    expect(problemOf('my ecdsa-sha2 AAAA').message).not.toContain('OpenSSH');
  });

  it('looks like base64 from 40 characters on', () => {
    expect(problemOf('z'.repeat(40)).message).toBe('looks like base64');
    expect(problemOf('z'.repeat(39)).message).not.toContain('base64');
  });
});

describe('an ID in a query', () => {
  it('is escaped as RFC 3986 wants it, in upper case', () => {
    const { query } = getOrgAccessToken('/v2', "a!b'c(d)e*f", 'ö/*');
    expect(query).toBe('client_id=a%21b%27c%28d%29e%2Af&org_id=%C3%B6%2F%2A&grant_type=org_implicit');
  });
});

describe('a signature', () => {
  it('is invalid without a time, even where it fits', () => {
    const signer = newSigner();
    const { body } = signed(signer, 200, {});
    const signature = sign(null, doubleSha256(body, '|', ''), signer.privateKey).toString('hex');
    const headers = { 'biz-timestamp': '', 'biz-resp-signature': signature };
    expect(verifyAnswer({ status: 200, headers, body }, signer.publicKey)).toBe('invalid');
  });
});
