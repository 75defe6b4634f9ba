import { generateKeyPairSync, sign } from 'node:crypto';

/** DER (ITU-T X.690): a tag, the length and the contents; text is hexadecimal. */
function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const contents = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));
  const length = contents.length < 128 ? [contents.length] : [0x82, contents.length >> 8, contents.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), contents]);
}

/** `ecdsa-with-SHA256`, RFC 5758, section 3.2. */
const ALGORITHM = der(0x30, '06082a8648ce3d040302');

/**
 * A certificate (RFC 5280) for 127.0.0.1 that is signed by itself, for as long as a measurement takes: servers
 * show it, and `NODE_EXTRA_CA_CERTS` makes clients trust it. ECDSA with P-256, as the services that it stands for.
 * @returns PEM texts
 */
export function certificate(): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(0x30, der(0x31, der(0x30, '0603550403', der(0x0c, Buffer.from('bench')))));
  const names = der(0x30, der(0x87, '7f000001'));
  const extensions = der(
    0x30,
    der(0x30, '0603551d11', der(0x04, names)),
    der(0x30, '0603551d13', der(0x04, der(0x30, '0101ff'))),
  );
  const now = Date.now();
  const body = der(
    0x30,
    'a003020102',
    '020101',
    ALGORITHM,
    name,
    der(0x30, day(now - 86_400_000), day(now + 86_400_000)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, extensions),
  );
  const whole = der(0x30, body, ALGORITHM, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))).toString(
    'base64',
  );
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** YYMMDDHHMMSSZ. */
function day(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
