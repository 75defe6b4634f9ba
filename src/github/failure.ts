import { ActionError } from '../errors.ts';
import type { Store } from './stores.ts';

/** A request to GitHub that failed for good. */
export class GitHubFailure extends Error {
  override readonly name = 'GitHubFailure';
  /** `undefined` when no whole answer came. */
  readonly status: number | undefined;
  /** Whether an earlier attempt, whose answer was lost, may have done what a later one was refused. */
  readonly maybeDone: boolean;

  constructor(message: string, status: number | undefined, options?: ErrorOptions & { maybeDone?: boolean }) {
    super(message, options);
    this.status = status;
    this.maybeDone = options?.maybeDone ?? false;
  }
}

/** The workflow's own token is the usual cause, so every refusal says so. */
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot be given that permission: use a fine-grained personal access token or a GitHub App token.";

/**
 * A failure at a store, before anything was spent, as an error for people.
 * @param permission what the token needs for it
 * @param doing completes "… the store failed", such as "Reading the encryption key of"
 */
export function storeError(
  store: Store,
  doing: string,
  failure: GitHubFailure,
  permission = store.permission,
): ActionError {
  const what = `${doing} the store \`${store.label}\` failed: ${failure.message}.`;
  const cause = { cause: failure };
  switch (failure.status) {
    case undefined:
      return new ActionError('github-unavailable', what, 'Run the job again; nothing was spent.', cause);
    case 401:
      return new ActionError(
        'store-refused',
        what,
        'GitHub does not know `github-token`: it is wrong, expired or revoked. Make a new one.',
        cause,
      );
    case 404:
      return new ActionError(
        'store-missing',
        what,
        `The store does not exist, or \`github-token\` may not see it: check the name, and that the token covers it with the permission ${permission}. ${WRITER}`,
        cause,
      );
    case 403:
      return new ActionError(
        'store-refused',
        what,
        `\`github-token\` needs the permission ${permission} there. ${WRITER}`,
        cause,
      );
    default:
      return failure.status >= 500 || failure.status === 429
        ? new ActionError('github-unavailable', what, 'Run the job again later; nothing was spent.', cause)
        : new ActionError(
            'github-refused',
            what,
            `Check the store, and that \`github-token\` has the permission ${permission} there.`,
            cause,
          );
  }
}
