import { inputError } from './errors.ts';
import { probeName } from './github/probe-name.ts';
import { readStores, type Store, StoreGrammarError } from './github/stores.ts';
import { checkedUrl, FORKS, missing, optional, type Read, readSecretName, readUrl } from './input-values.ts';

/** What is written back, and where. */
export interface WriteBackInputs {
  token: string;
  /** Without a slash at its end. */
  apiUrl: string;
  stores: Store[];
  /** In upper case, as GitHub keeps them. */
  refreshTokenSecret: string | undefined;
  accessTokenSecret: string | undefined;
  expiresAtVariable: string | undefined;
}

/** What the runner tells beside the inputs. */
export interface InputSurroundings {
  /** `owner/name`. */
  repository: string | undefined;
  /** The REST API that the runner names. */
  apiUrl: string;
}

/** Reads the inputs about write-back; `undefined` when nothing is to be written. @throws ActionError */
export function readWriteBack(read: Read, surroundings: InputSurroundings): WriteBackInputs | undefined {
  const refreshTokenSecret = readSecretName(read, 'refresh-token-secret');
  const accessTokenSecret = readSecretName(read, 'access-token-secret');
  const expiresAtVariable = readSecretName(read, 'expires-at-variable');
  const token = optional(read('github-token'));
  const stores = readStoresInput(
    read,
    surroundings.repository,
    refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable,
  );
  const apiUrl = readUrl(read, 'github-api-url');
  if (stores === undefined) return undefined;
  if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
    throw inputError(
      'access-token-secret',
      'names the same secret as `refresh-token-secret`',
      'Give each a name of its own.',
    );
  }
  if (accessTokenSecret === probeName(refreshTokenSecret ?? '')) {
    throw inputError(
      'access-token-secret',
      'is the name of the probe that is written and deleted',
      'Choose another.',
    );
  }
  if (token === undefined) {
    throw missing(
      'github-token',
      `It is needed to write secrets or variables: a fine-grained personal access token or a GitHub App token; the workflow's own \`GITHUB_TOKEN\` cannot write secrets. ${FORKS}`,
    );
  }
  if (/\s|[^\x20-\x7e]/.test(token)) {
    throw inputError(
      'github-token',
      'has blanks or characters that no token has',
      'Store it again, without line breaks.',
    );
  }
  return {
    token,
    apiUrl: apiUrl ?? checkedUrl(surroundings.apiUrl, 'github-api-url'),
    stores,
    refreshTokenSecret,
    accessTokenSecret,
    expiresAtVariable,
  };
}

function readStoresInput(
  read: Read,
  repository: string | undefined,
  target: string | undefined,
): Store[] | undefined {
  const text = read('secret-stores');
  if (target === undefined && (text === '' || text === 'repository')) return undefined;
  try {
    const stores = readStores(text || 'repository', repository);
    return target === undefined ? undefined : stores;
  } catch (error) {
    if (!(error instanceof StoreGrammarError)) throw error;
    throw inputError(
      'secret-stores',
      `is wrong: ${error.message}`,
      'One store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.',
    );
  }
}
