import type { GitHubEmulator } from '../../../emulators/github.ts';
import { REPOSITORY } from '../../../emulators/stage.ts';

/** The secrets and variables that a run or a job sees, by name. */
export interface Settings {
  secrets: Record<string, string>;
  variables: Record<string, string>;
}

/** What `secrets.GITHUB_TOKEN` gives: it may write no secret. */
export const WORKFLOW_TOKEN = 'ghs_the_token_of_the_workflow_itself';

/** The name under which Dependabot starts runs. */
export const DEPENDABOT = 'dependabot[bot]';

/** What is read when a run is queued: the repository goes before its organizations. */
export function readSecrets(
  github: GitHubEmulator,
  actor: string | undefined,
  organizations: readonly string[],
): Settings {
  const own = settingsOf(github, `repository@${REPOSITORY}`);
  const shared = organizations.map((name) => settingsOf(github, `organization:${name}`));
  const merged = (kind: keyof Settings) => Object.assign({}, ...shared.map((one) => one[kind]), own[kind]);
  // A run that Dependabot starts sees its own secrets, and none of the others.
  const secrets =
    actor === DEPENDABOT ? settingsOf(github, `dependabot@${REPOSITORY}`).secrets : merged('secrets');
  return { secrets: { ...secrets, GITHUB_TOKEN: WORKFLOW_TOKEN }, variables: merged('variables') };
}

/** What is read when a job starts that names the environment. */
export function readEnvironment(github: GitHubEmulator, environment: string): Settings {
  return settingsOf(github, `environment:${environment}@${REPOSITORY}`);
}

function settingsOf(github: GitHubEmulator, store: string): Settings {
  const values = (names: readonly string[], value: (name: string) => string | undefined) =>
    Object.fromEntries(names.map((name) => [name, value(name) ?? '']));
  return {
    secrets: values(github.secretNames(store), (name) => github.secretValue(store, name)),
    variables: values(github.variableNames(store), (name) => github.variableValue(store, name)),
  };
}
