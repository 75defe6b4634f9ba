import { generateKeyPairSync, sign } from 'node:crypto';

/** PEM texts. */
export interface Certificate {
  cert: string;
  key: string;
}

/** DER (ITU-T X.690): a tag, the length and the contents; text is hexadecimal. */
function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const contents = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));
  const length = contents.length < 128 ? [contents.length] : [0x82, contents.length >> 8, contents.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), contents]);
}

/** `ecdsa-with-SHA256`, RFC 5758, section 3.2. */
const ALGORITHM = der(0x30, '06082a8648ce3d040302');
const NAME = der(0x30, der(0x31, der(0x30, '0603550403', der(0x0c, Buffer.from('cobo.test')))));
const ALTERNATIVE_NAMES = der(0x30, der(0x82, Buffer.from('cobo.test')), der(0x87, '7f000001'));
const EXTENSIONS = der(
  0x30,
  der(0x30, '0603551d11', der(0x04, ALTERNATIVE_NAMES)),
  der(0x30, '0603551d13', der(0x04, der(0x30, '0101ff'))),
);

/**
 * A certificate (RFC 5280) for cobo.test and 127.0.0.1, signed by itself. ECDSA with P-256, as the services that it
 * stands for.
 * @param lastDay YYMMDD
 */
export function certificate(lastDay = '491231'): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = der(0x30, ...['200101', lastDay].map((day) => der(0x17, Buffer.from(`${day}000000Z`))));
  const key = publicKey.export({ format: 'der', type: 'spki' });
  const body = der(0x30, 'a003020102', '020101', ALGORITHM, NAME, validity, NAME, key, der(0xa3, EXTENSIONS));
  const signature = der(0x03, '00', sign('sha256', body, privateKey));
  const base64 = der(0x30, body, ALGORITHM, signature)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}
