import { ActionError } from '../errors.ts';
import { hasControls } from '../text.ts';

/** What a fine-grained token or an app needs for the secrets and for the variables of a store. */
const PERMISSIONS = {
  repository: ['"Secrets: write"', '"Variables: write"'],
  environment: ['"Environments: write"', '"Environments: write"'],
  organization: ['"Organization secrets: write"', '"Organization variables: write"'],
  dependabot: ['"Dependabot secrets: write"', ''],
} as const;

type Kind = keyof typeof PERMISSIONS;

/** A place where secrets (and mostly variables) are kept, and the paths of the REST API that lead there. */
export interface Store {
  kind: Kind;
  /** As a line of `secret-stores`, the repository always named: for logs and errors. */
  label: string;
  /** Path of the secrets, without a slash at its end. */
  secretsPath: string;
  /** Path of the variables; Dependabot has none. */
  variablesPath: string | undefined;
  permission: string;
  variablesPermission: string;
  /** How `gh secret` and `gh variable` are told of it, ready to be pasted into a shell. */
  gh: string;
}

/** The command that deletes a secret or variable, ready to be pasted into a shell. */
export function deletion({ gh }: Store, kind: 'secret' | 'variable', name: string): string {
  return `gh ${kind} delete ${name} ${gh}`;
}

/** A name of dots alone would lead to another path of the API. */
const DOTS = /^\.+$/;

function isName(text: string): boolean {
  return /^[A-Za-z0-9_.-]{1,100}$/.test(text) && !DOTS.test(text);
}

/** Whether a text is `owner/name`. */
export function isRepository(text: string): boolean {
  const parts = text.split('/');
  return parts.length === 2 && parts.every(isName);
}

/**
 * Reads `secret-stores`: one store a line, blanks and empty lines ignored, the same store twice counts once.
 * @param repository `owner/name` of the workflow's own repository, where a line names none
 * @throws ActionError `input-invalid`
 */
export function readStores(text: string, repository: string | undefined): Store[] {
  const stores = new Map<string, Store>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const store = readStore(line, repository, (problem) => invalid(`line ${index + 1} ${problem}`));
    stores.set(store.secretsPath.toLowerCase(), store);
  }
  if (stores.size === 0) throw invalid('it names no store');
  return [...stores.values()];
}

function invalid(problem: string): ActionError {
  return new ActionError(
    'input-invalid',
    `The input \`secret-stores\` is invalid: ${problem}.`,
    'Write one store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.',
  );
}

function readStore(line: string, own: string | undefined, wrong: (problem: string) => ActionError): Store {
  const [, kind, rest = ''] = /^(repository|environment|organization|dependabot)(?![\w-])(.*)$/s.exec(line) ?? [];
  const repositoryAt = (target: string | undefined): string => {
    const repository = (target ?? own ?? '').trim();
    if (isRepository(repository)) return repository;
    throw wrong(
      target === undefined
        ? 'names no repository, and GITHUB_REPOSITORY is not set; add `@owner/name`'
        : 'must have `owner/name` after the `@`',
    );
  };
  switch (kind) {
    case 'organization': {
      const name = /^:(.*)$/s.exec(rest)?.[1]?.trim() ?? '';
      if (!isName(name)) throw wrong('names no organization; write `organization:NAME`');
      return storeAt(kind, `organization:${name}`, `/orgs/${name}/actions`, `--org ${name}`);
    }
    case 'environment': {
      const [, raw = '', target] = /^:(.*?)(?:@([^@/]+\/[^@/]+))?$/s.exec(rest) ?? [];
      const name = raw.trim();
      if (name === '') throw wrong('names no environment; write `environment:NAME`');
      if (name.length > 255 || hasControls(name) || DOTS.test(name)) throw wrong('has an invalid environment name');
      const repository = repositoryAt(target);
      const path = `/repos/${repository}/environments/${encodeURIComponent(name)}`;
      const quoted = `'${name.replaceAll("'", `'\\''`)}'`;
      return storeAt(kind, `environment:${name}@${repository}`, path, `--repo ${repository} --env ${quoted}`);
    }
    case 'repository':
    case 'dependabot': {
      if (rest !== '' && !rest.startsWith('@')) throw wrong(`may have only \`@owner/name\` after \`${kind}\``);
      const repository = repositoryAt(rest === '' ? undefined : rest.slice(1));
      const [folder, app] = kind === 'repository' ? ['actions', ''] : ['dependabot', ' --app dependabot'];
      return storeAt(kind, `${kind}@${repository}`, `/repos/${repository}/${folder}`, `--repo ${repository}${app}`);
    }
    default:
      throw wrong('must begin with `repository`, `environment:`, `organization:` or `dependabot`');
  }
}

function storeAt(kind: Kind, label: string, path: string, gh: string): Store {
  const [permission, variablesPermission] = PERMISSIONS[kind];
  const variablesPath = kind === 'dependabot' ? undefined : `${path}/variables`;
  return { kind, label, secretsPath: `${path}/secrets`, variablesPath, permission, variablesPermission, gh };
}
