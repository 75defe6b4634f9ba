import { hasControls } from '../text.ts';

/** A place where secrets (and mostly variables) are kept, and the paths of the REST API that lead there. */
export interface Store {
  kind: 'repository' | 'environment' | 'organization' | 'dependabot';
  /** As a line of `secret-stores`, the repository always named: for logs and errors. */
  label: string;
  /** Path of the secrets, without a slash at its end. */
  secretsPath: string;
  /** Path of the variables; Dependabot has none. */
  variablesPath: string | undefined;
  /** What a fine-grained token or an app needs for the secrets. */
  permission: string;
  /** The same for the variables. */
  variablesPermission: string;
  /** How `gh secret` and `gh variable` are told of it, ready to be pasted into a shell. */
  gh: string;
}

/** Why a line of `secret-stores` is wrong; the message completes "line 3 …". */
export class StoreGrammarError extends Error {
  override readonly name = 'StoreGrammarError';
}

const REPOSITORY = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;
const OWNER = /^[A-Za-z0-9_.-]{1,100}$/;

/**
 * Reads `secret-stores`: one store a line, blanks and empty lines ignored, the same store twice counts once.
 * @param repository `owner/name` of the workflow's own repository, where a line names none
 * @throws StoreGrammarError
 */
export function readStores(text: string, repository: string | undefined): Store[] {
  const stores = new Map<string, Store>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '') continue;
    try {
      const store = readStore(line, repository);
      stores.set(store.secretsPath.toLowerCase(), store);
    } catch (error) {
      if (error instanceof StoreGrammarError)
        throw new StoreGrammarError(`line ${index + 1} ${error.message}`);
      throw error;
    }
  }
  if (stores.size === 0) throw new StoreGrammarError('it names no store');
  return [...stores.values()];
}

function readStore(line: string, ownRepository: string | undefined): Store {
  const organization = /^organization:(.*)$/s.exec(line)?.[1];
  if (organization !== undefined) return organizationStore(organization.trim());
  const [, kind, rest = ''] = /^(repository|environment|dependabot)(?![\w-])(.*)$/s.exec(line) ?? [];
  if (kind === undefined) {
    throw new StoreGrammarError(
      'must begin with `repository`, `environment:`, `organization:` or `dependabot`',
    );
  }
  if (kind === 'environment') return environmentStore(rest, ownRepository);
  if (rest !== '' && !rest.startsWith('@')) {
    throw new StoreGrammarError(`may have only \`@owner/name\` after \`${kind}\``);
  }
  const repository = rest === '' ? own(ownRepository) : checkedRepository(rest.slice(1).trim());
  return kind === 'repository' ? repositoryStore(repository) : dependabotStore(repository);
}

function own(repository: string | undefined): string {
  if (repository === undefined || !isRepository(repository)) {
    throw new StoreGrammarError('names no repository, and GITHUB_REPOSITORY is not set; add `@owner/name`');
  }
  return repository;
}

/** Whether a text is `owner/name`. A dot segment would lead to another path of the API. */
export function isRepository(text: string): boolean {
  return REPOSITORY.test(text) && !text.split('/').some((part) => /^\.+$/.test(part));
}

function checkedRepository(repository: string): string {
  if (!isRepository(repository)) {
    throw new StoreGrammarError('must have `owner/name` after the `@`');
  }
  return repository;
}

function repositoryStore(repository: string): Store {
  return {
    kind: 'repository',
    label: `repository@${repository}`,
    secretsPath: `/repos/${repository}/actions/secrets`,
    variablesPath: `/repos/${repository}/actions/variables`,
    permission: '"Secrets: write"',
    variablesPermission: '"Variables: write"',
    gh: `--repo ${repository}`,
  };
}

function dependabotStore(repository: string): Store {
  return {
    kind: 'dependabot',
    label: `dependabot@${repository}`,
    secretsPath: `/repos/${repository}/dependabot/secrets`,
    variablesPath: undefined,
    permission: '"Dependabot secrets: write"',
    variablesPermission: '',
    gh: `--repo ${repository} --app dependabot`,
  };
}

function environmentStore(rest: string, ownRepository: string | undefined): Store {
  const [, name = '', target] = /^:(.*?)(?:@([^@/]+\/[^@/]+))?$/s.exec(rest) ?? [];
  const environment = name.trim();
  if (environment === '') throw new StoreGrammarError('names no environment; write `environment:NAME`');
  if (environment.length > 255 || hasControls(environment) || /^\.+$/.test(environment)) {
    throw new StoreGrammarError('has an invalid environment name');
  }
  const repository = target === undefined ? own(ownRepository) : checkedRepository(target.trim());
  const path = `/repos/${repository}/environments/${encodeURIComponent(environment)}`;
  return {
    kind: 'environment',
    label: `environment:${environment}@${repository}`,
    secretsPath: `${path}/secrets`,
    variablesPath: `${path}/variables`,
    permission: '"Environments: write"',
    variablesPermission: '"Environments: write"',
    gh: `--repo ${repository} --env '${environment.replaceAll("'", `'\\''`)}'`,
  };
}

function organizationStore(name: string): Store {
  if (!OWNER.test(name) || /^\.+$/.test(name)) {
    throw new StoreGrammarError('names no organization; write `organization:NAME`');
  }
  return {
    kind: 'organization',
    label: `organization:${name}`,
    secretsPath: `/orgs/${name}/actions/secrets`,
    variablesPath: `/orgs/${name}/actions/variables`,
    permission: '"Organization secrets: write"',
    variablesPermission: '"Organization variables: write"',
    gh: `--org ${name}`,
  };
}
