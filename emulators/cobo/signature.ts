import type { Answer, EmulatedRequest } from '../server.ts';
import { apiError, CODE } from './errors.ts';
import { verifies } from './keys.ts';

/** What the signature check needs to know. */
export interface SignatureRules {
  /** Cobo's clock, milliseconds since 1970. */
  now: number;
  /** How far the nonce may lie from `now`, either way, in milliseconds. */
  nonceWindowMs: number;
  /** Takes a nonce that was used before: Cobo does not document what it does. */
  takesUsedNonces: boolean;
  /** Whether any client has registered this public key (64 lower-case hex characters). */
  isRegistered: (appKeyHex: string) => boolean;
  /** Nonces already used, by public key. The check adds to it. */
  usedNonces: Map<string, Set<string>>;
}

/**
 * Checks a request's three signature headers the way Cobo does: all there, the nonce in decimal
 * milliseconds, near the clock and never used before with this key, the key registered, and the
 * Ed25519 signature right over SHA-256(SHA-256(METHOD|path|nonce|query|body)), query and body as sent.
 *
 * Gives the public key of the caller, or the refusal.
 */
export function checkSignature(
  request: EmulatedRequest,
  rules: SignatureRules,
): { appKeyHex: string } | { refusal: Answer } {
  const key = request.headers['biz-api-key'] ?? '';
  const nonce = request.headers['biz-api-nonce'] ?? '';
  const signature = request.headers['biz-api-signature'] ?? '';
  const missing = Object.entries({
    'Biz-Api-Key': key,
    'Biz-Api-Nonce': nonce,
    'Biz-Api-Signature': signature,
  })
    .filter(([, value]) => value === '')
    .map(([name]) => name);
  if (missing.length > 0) return refuse(CODE.missingHeader, `missing header: ${missing.join(', ')}`);

  if (!/^[1-9][0-9]{12}$/.test(nonce)) {
    return refuse(CODE.signature, 'Biz-Api-Nonce is not a number of milliseconds since 1970');
  }
  const off = Number(nonce) - rules.now;
  if (Math.abs(off) > rules.nonceWindowMs) {
    return refuse(CODE.signature, `Biz-Api-Nonce is ${off} ms away from the server's clock`);
  }
  const appKeyHex = key.toLowerCase();
  if (!rules.isRegistered(appKeyHex)) {
    return refuse(CODE.unregisteredKey, 'the API key is not registered in this environment');
  }
  const used = rules.usedNonces.get(appKeyHex) ?? new Set<string>();
  if (used.has(nonce) && !rules.takesUsedNonces) return refuse(CODE.signature, 'Biz-Api-Nonce was used before');

  if (!verifies(signedText(request, nonce), signature, appKeyHex)) {
    return refuse(CODE.signature, 'the signature does not fit the request');
  }
  used.add(nonce);
  rules.usedNonces.set(appKeyHex, used);
  return { appKeyHex };
}

function signedText({ method, path, query, body }: EmulatedRequest, nonce: string): Buffer {
  // The request line arrives as latin1: one character is one byte as sent.
  const head = Buffer.from(`${method.toUpperCase()}|${path}|${nonce}|${query}|`, 'latin1');
  return Buffer.concat([head, body]);
}

function refuse(code: number, message: string): { refusal: Answer } {
  return { refusal: apiError(401, code, message) };
}
