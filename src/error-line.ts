import type { ActionError, TokenState } from './errors.ts';
import { MEANINGS } from './fate.ts';

/**
 * What the log says of a failure: what failed, what state the refresh token is in, what to do next, the code, and
 * where it is explained.
 * @param env for the page of the very version that runs
 */
export function errorLine(
  { code, message, remedy }: ActionError,
  state: TokenState,
  env: NodeJS.ProcessEnv,
): string {
  const where = errorPage(env);
  const page = where === undefined ? 'see docs/errors.md' : `${where}#${code}`;
  return `${message} ${MEANINGS[state].sentence} ${remedy} [token-state: ${state}, error: ${code}] ${page}`;
}

/** `undefined` for an action in the workflow's own repository. */
function errorPage(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '' } = env;
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  const isSafe = /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(ref);
  return isSafe ? `${server}/${repository}/blob/${ref}/docs/errors.md` : undefined;
}

/** What the debug log says of a defect. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.name) : typeof thrown;
}
