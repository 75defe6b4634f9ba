import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../emulators/cobo/keys.ts';
import { type CoboEmulator, type ContentEncoding, startCobo } from '../../emulators/cobo.ts';
import { errorIn, refresh, tokensIn } from './cobo-client.ts';
import type { Outcome } from './raw-client.ts';

let cobo: CoboEmulator;
let token: string;

beforeEach(async () => {
  cobo = await startCobo();
  token = cobo.issueRefreshToken();
});

afterEach(async () => {
  expect(cobo.errors).toEqual([]);
  await cobo.close();
});

const HYPHENS = ['biz-timestamp', 'biz-resp-signature'] as const;
// Node's client turns header names into lower case.
const UNDERSCORES = ['biz_timestamp', 'biz_resp_signature'] as const;

/** Whether the pair under these header names verifies; undefined when it is not there. */
function verifiedBy(
  { headers, bytes }: Outcome,
  [timestampName, signatureName]: readonly [string, string],
  over: Buffer = bytes,
): boolean | undefined {
  const [timestamp, signature] = [headers[timestampName], headers[signatureName]];
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  return verifies(Buffer.concat([over, Buffer.from(`|${timestamp}`)]), signature, cobo.responsePublicKeyHex);
}

describe('the signature headers', () => {
  test.each([
    ['hyphen', true, undefined],
    ['underscore', undefined, true],
    ['both', true, true],
    ['disagreeing', true, true],
    ['disagreeing-signature', true, false],
  ] as const)('%s', async (spelling, hyphens, underscores) => {
    cobo.behaviour.signatureHeaders = spelling;
    const outcome = await refresh(cobo, token);
    expect(outcome.status).toBe(200);
    expect([verifiedBy(outcome, HYPHENS), verifiedBy(outcome, UNDERSCORES)]).toEqual([hyphens, underscores]);
    const agree = outcome.headers['biz-timestamp'] === outcome.headers['biz_timestamp'];
    if (hyphens && underscores !== undefined) expect(agree).toBe(spelling !== 'disagreeing');
  });

  test('folded: the same value twice in each', async () => {
    cobo.behaviour.signatureHeaders = 'folded';
    const outcome = await refresh(cobo, token);
    const halves = HYPHENS.map((name) => String(outcome.headers[name]).split(', '));
    for (const [first, second, ...more] of halves) expect([first === second, more]).toEqual([true, []]);
    const [[timestamp], [signature]] = halves as [string[], string[]];
    const single = { 'biz-timestamp': timestamp, 'biz-resp-signature': signature };
    expect(verifiedBy({ ...outcome, headers: single }, HYPHENS)).toBe(true);
  });

  test('a spoiled signature is spoiled under both names', async () => {
    cobo.behaviour.signatureHeaders = 'both';
    cobo.faults.add({ fault: { kind: 'bad-signature' } });
    const outcome = await refresh(cobo, token);
    expect([verifiedBy(outcome, HYPHENS), verifiedBy(outcome, UNDERSCORES)]).toEqual([false, false]);
  });

  test('a nonce that is out of the window is refused by a signed answer in the same spelling', async () => {
    cobo.behaviour.signatureHeaders = 'underscore';
    cobo.setClock(Date.now() - 3_600_000);
    const refused = await refresh(cobo, token);
    expect([refused.status, errorIn(refused)]).toEqual([401, 2023]);
    expect(verifiedBy(refused, UNDERSCORES)).toBe(true);
  });
});

describe('the signed timestamp', () => {
  test.each([
    [0, false],
    [-600_001, false],
    [3_600_000, true],
  ])('%i ms off, in seconds: %s', async (offset, inSeconds) => {
    Object.assign(cobo.behaviour, { timestampOffsetMs: offset, timestampInSeconds: inSeconds });
    const outcome = await refresh(cobo, token);
    const timestamp = String(outcome.headers['biz-timestamp']);
    expect(timestamp).toMatch(inSeconds ? /^\d{10}$/ : /^\d{13}$/);
    const ms = Number(timestamp) * (inSeconds ? 1000 : 1);
    expect(Math.abs(ms - offset - Date.now())).toBeLessThan(5_000);
    expect(verifiedBy(outcome, HYPHENS)).toBe(true);
  });
});

describe('a content coding that nobody asked for', () => {
  test.each([
    ['gzip', 'gzip', gunzipSync],
    ['deflate', 'deflate', inflateSync],
    ['deflate-raw', 'deflate', inflateRawSync],
    ['br', 'br', brotliDecompressSync],
  ] satisfies [ContentEncoding, string, (bytes: Buffer) => Buffer][])('%s', async (coding, named, decode) => {
    cobo.behaviour.contentEncoding = coding;
    const sent = await refresh(cobo, token);
    expect(sent.headers['content-encoding']).toBe(named);
    expect(Number(sent.headers['content-length'])).toBe(sent.bytes.length);
    const decoded = decode(sent.bytes);
    expect([verifiedBy(sent, HYPHENS), verifiedBy(sent, HYPHENS, decoded)]).toEqual([true, false]);

    cobo.behaviour.signatureOver = 'decoded';
    const next = await refresh(cobo, tokensIn({ ...sent, body: decoded.toString() }).refresh);
    const plain = decode(next.bytes);
    expect([verifiedBy(next, HYPHENS), verifiedBy(next, HYPHENS, plain)]).toEqual([false, true]);
  });

  test('does not touch what something in front of Cobo answers', async () => {
    cobo.behaviour.contentEncoding = 'gzip';
    cobo.faults.add({ fault: { kind: 'status', status: 200, body: '<html>login</html>', when: 'before' } });
    const outcome = await refresh(cobo, token);
    expect([outcome.status, outcome.body, outcome.headers['content-encoding'], cobo.state(token)]).toEqual([
      200,
      '<html>login</html>',
      undefined,
      'living',
    ]);
  });
});

test('a byte order mark comes before the JSON, and is signed', async () => {
  cobo.behaviour.byteOrderMark = true;
  const outcome = await refresh(cobo, token);
  expect(outcome.bytes.subarray(0, 4).toString('latin1')).toBe('\xEF\xBB\xBF{');
  expect(verifiedBy(outcome, HYPHENS)).toBe(true);
  cobo.behaviour.contentEncoding = 'gzip';
  const next = await refresh(cobo, tokensIn({ ...outcome, body: outcome.body.slice(1) }).refresh);
  expect(gunzipSync(next.bytes).subarray(0, 3).toString('latin1')).toBe('\xEF\xBB\xBF');
  expect(verifiedBy(next, HYPHENS)).toBe(true);
});
