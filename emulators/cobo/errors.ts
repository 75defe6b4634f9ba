import { randomUUID } from 'node:crypto';
import type { Answer } from '../server.ts';

/** Cobo's error codes that the emulator uses. */
export const CODE = {
  internal: 1000,
  wrongPath: 2021,
  missingHeader: 2022,
  signature: 2023,
  unregisteredKey: 2024,
} as const;

/** The error codes of RFC 6749, section 5.2, that the emulator uses. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_grant'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'unauthorized_client';

/** A refusal in the form of Cobo's API in general: what comes before the operation, and all other operations. */
export function apiError(status: number, code: number, message: string): Answer {
  const error = { error_code: code, error_message: message, error_id: randomUUID().replaceAll('-', '') };
  return json(status, error, `refused (${status}, code ${code}): ${message}`);
}

/** A refusal in OAuth's form: every 4XX of the token operations themselves. */
export function oauthError(status: 400 | 401, error: OAuthError, description: string): Answer {
  const body = { error, error_description: description };
  return json(status, body, `refused (${status}, ${error}): ${description}`);
}

/** Any answer that is JSON. */
export function json(status: number, body: object, verdict: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), verdict };
}
