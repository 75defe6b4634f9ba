import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { sealEnvelope } from '../src/recovery.ts';
import { nastyText } from './arbitraries.ts';
import { SECRETS } from './secrets.ts';

export const CLIENT_ID = 'client-of-the-fuzzing';
export const SEED = Buffer.from(SECRETS.appSecret, 'hex');

const PEM = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
})
  .export({ format: 'pem', type: 'pkcs8' })
  .toString();

const X25519_PEM = generateKeyPairSync('x25519')
  .privateKey.export({ format: 'pem', type: 'pkcs8' })
  .toString();

/** The right app secret, in the forms that are taken. */
export const GOOD_KEYS = [
  SECRETS.appSecret,
  ` ${SECRETS.appSecret.toUpperCase()}\n`,
  PEM,
  PEM.replaceAll('\n', '\\n'),
  PEM.replaceAll('\n', '\r\n'),
  PEM.replaceAll('\n', ' '),
];

const BAD_KEYS = [
  `0x${SECRETS.appSecret}`,
  SECRETS.appSecret.repeat(2),
  SECRETS.appSecret.slice(1),
  SEED.toString('base64'),
  X25519_PEM,
  PEM.replace('PRIVATE', 'ENCRYPTED PRIVATE'),
  PEM.replaceAll('PRIVATE', 'RSA PRIVATE'),
  PEM.replaceAll('PRIVATE', 'PUBLIC'),
  PEM.slice(0, 80),
  `-----BEGIN PRIVATE KEY-----\n${SEED.toString('base64')}\n-----END PRIVATE KEY-----`,
  '-----BEGIN PRIVATE KEY-----'.repeat(400),
];

/** A text with something put into it, taken out of it, or said twice. */
function bentText(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(40), nastyText)
    .map(([text, at, length, put]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + length);
    });
}

export const keyText = fc.oneof(
  fc.constantFrom(...GOOD_KEYS, ...BAD_KEYS),
  bentText([...GOOD_KEYS, ...BAD_KEYS]),
  nastyText,
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 130 }),
);

const ENVELOPE = sealEnvelope(SECRETS.refreshToken, SEED, CLIENT_ID);

export const envelopeText = fc.oneof(
  fc.constantFrom(
    ENVELOPE,
    ENVELOPE.replace(/.{20}/g, '$&\n'),
    sealEnvelope(SECRETS.refreshToken, SEED, 'another-client'),
    sealEnvelope('', SEED, CLIENT_ID),
    'cobo-envelope-v1.',
    'cobo-envelope-v2.AAAA',
  ),
  bentText([ENVELOPE]),
  fc
    .uint8Array({ maxLength: 90 })
    .map((bytes) => `cobo-envelope-v1.${Buffer.from(bytes).toString('base64url')}`),
  nastyText,
);

const storeLine = fc.oneof(
  fc.constantFrom(
    'repository',
    'repository@octo/other',
    'environment:cobo',
    'environment:with space|pipe@octo/app',
    'environment:a::b ##[error]x',
    'environment:..',
    'environment:../../orgs',
    'organization:acme',
    'dependabot',
    'repository@../..',
    'repository@octo/..',
    'repository@octo/app?x=1#y',
    'organization:.',
    'environment:a@b/c@d/e',
    '',
  ),
  bentText(['repository@octo/app', 'environment:cobo@octo/app', 'organization:acme', 'dependabot']),
  nastyText,
);

export const storesText = fc
  .tuple(fc.array(storeLine, { maxLength: 4 }), fc.constantFrom('\n', '\r\n', '\r', '\u2028'))
  .map(([lines, end]) => lines.join(end));

export const urlText = fc.oneof(
  fc.constantFrom(
    'https://cobo.test/v2',
    'https://cobo.test/v2///',
    'http://127.0.0.1:8080/v2',
    'http://[::1]/v2',
    'http://localhost./v2',
    'http://127.0.0.1.evil.test/v2',
    'http://127.1/v2',
    'http://0x7f.1/v2',
    'https://user:password@cobo.test/v2',
    'https://cobo.test\\@evil.test/v2',
    'https://cobo.test/v2?x',
    'https://cobo.test/v2#',
    'https:cobo.test',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:,x',
    'https://::add-mask::x/',
    `https://cobo.test/${'/'.repeat(3_000)}x`,
  ),
  bentText(['https://cobo.test/v2', 'http://127.0.0.1:8080/v2', 'http://localhost/v2']),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  nastyText,
);

export const timeText = fc.oneof(
  fc.constantFrom(
    '2026-03-01T12:00:00Z',
    '2026-02-30T12:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T12:00:60Z',
    '2026-03-01T12:00:00+99:99',
    '9999-12-31T23:59:59.999999999Z',
    '0000-00-00T00:00Z',
    '275761-01-01T00:00:00Z',
  ),
  fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString())),
  bentText(['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.5+05:30']),
  nastyText,
);

const nameText = fc.oneof(
  fc.constantFrom('COBO_REFRESH', 'cobo_refresh', 'GITHUB_X', '1X', 'X_COBO_REFRESH_PROBE', '__proto__', 'ſ'),
  bentText(['COBO_REFRESH']),
  nastyText,
);

const numberText = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '4',
    '20',
    '21',
    '600',
    '-1',
    '1e1',
    ' 5',
    '٣',
    '999999999',
    '0x1',
    '1.0',
    'Infinity',
  ),
  fc.integer().map(String),
  nastyText,
);

const idText = fc.oneof(fc.constantFrom(CLIENT_ID, "a'b(c)*!&=%|"), nastyText);
const tokenText = fc.oneof(
  fc.constantFrom(...Object.values(SECRETS), `${SECRETS.githubToken}\n`, 'line one of it\nline two of it'),
  nastyText,
);

const ODD: Record<string, fc.Arbitrary<string>> = {
  'private-key': keyText,
  'client-id': idText,
  'refresh-token': tokenText,
  'org-id': idText,
  'cobo-environment': fc.oneof(fc.constantFrom('prod', 'dev', '__proto__', 'constructor', 'PROD'), nastyText),
  'api-url': urlText,
  'response-public-key': fc.oneof(fc.constantFrom('ab'.repeat(32), 'f'.repeat(64)), keyText),
  'github-token': tokenText,
  'github-api-url': urlText,
  'refresh-token-secret': nameText,
  'access-token-secret': nameText,
  'expires-at-variable': nameText,
  'secret-stores': storesText,
  'access-token-env': fc.oneof(fc.constantFrom('COBO_TOKEN', 'PATH', 'NODE_OPTIONS', 'github_x'), nameText),
  'access-token': tokenText,
  'expires-at': timeText,
  'min-validity': numberText,
  'dry-run': fc.oneof(fc.constantFrom('true', 'false', 'TRUE', 'yes', ''), nastyText),
  'recovery-envelope': envelopeText,
  'timeout-seconds': numberText,
  'max-attempts': numberText,
};

/** Inputs that are right, with write-back. */
export const GOOD: Record<string, string> = {
  'private-key': SECRETS.appSecret,
  'client-id': CLIENT_ID,
  'refresh-token': SECRETS.refreshToken,
  'api-url': 'https://cobo.test/v2',
  'github-token': SECRETS.githubToken,
  'github-api-url': 'https://github.test/api/v3',
  'refresh-token-secret': 'COBO_REFRESH',
  'secret-stores': 'repository',
};

/** The inputs of a run: those that are right, with `share` of all of them bent. */
export function oddInputs(base: Record<string, string>, weights = { right: 6, odd: 1 }) {
  const choices = Object.fromEntries(
    Object.entries(ODD).map(([name, odd]) => [
      name,
      fc.oneof(
        { weight: weights.right, arbitrary: fc.constant(base[name] ?? '') },
        { weight: weights.odd, arbitrary: odd },
      ),
    ]),
  );
  return fc.record(choices);
}
