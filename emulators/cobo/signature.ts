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

const MOST_NONCES = 5_000;

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
  if (key === '' || nonce === '' || signature === '') {
    const given = { 'Biz-Api-Key': key, 'Biz-Api-Nonce': nonce, 'Biz-Api-Signature': signature };
    const missing = Object.entries(given).flatMap(([name, value]) => (value === '' ? [name] : []));
    return refuse(CODE.missingHeader, `missing header: ${missing.join(', ')}`);
  }

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
  if (used.size > MOST_NONCES) dropOld(used, rules);
  rules.usedNonces.set(appKeyHex, used);
  return { appKeyHex };
}

/** What lies outside the window is refused for its age, and need not be remembered. */
function dropOld(used: Set<string>, { now, nonceWindowMs }: SignatureRules): void {
  for (const nonce of used) if (Number(nonce) < now - nonceWindowMs) used.delete(nonce);
}

function signedText({ method, path, query, body }: EmulatedRequest, nonce: string): Buffer {
  // The request line arrives as latin1: one character is one byte as sent.
  const head = Buffer.from(`${method.toUpperCase()}|${path}|${nonce}|${query}|`, 'latin1');
  return Buffer.concat([head, body]);
}

function refuse(code: number, message: string): { refusal: Answer } {
  return { refusal: apiError(401, code, message) };
}
