import { type CoboEmulator, type CoboOptions, startCobo } from './cobo.ts';
import { type GitHubEmulator, type GitHubOptions, type Grant, startGitHub } from './github.ts';
import type { GitHubContext } from './runner/environment.ts';
import { findLeaks } from './runner/leaks.ts';
import { runStep, type StepOptions, type StepResult } from './runner/step.ts';

export const REPOSITORY = 'octo-org/octo-repo';
/** The store of the inputs that `Stage.inputs` gives. */
export const STORE = `repository@${REPOSITORY}`;
export const SECRET = 'COBO_REFRESH_TOKEN';
const RUN_ID = 1658821493;

export interface StageOptions {
  cobo?: CoboOptions;
  github?: GitHubOptions;
  /** Environments of the repository. */
  environments?: readonly string[];
  /**
   * The stores that hold the refresh token, in the grammar of the input `secret-stores`. What they need is
   * made: repositories, environments, organizations. Default: the repository.
   */
  stores?: readonly string[];
  /** What the writer token may do; by default everything in the repository, and in all that `stores` names. */
  grants?: readonly Grant[];
}

/** A Cobo with an app installed, a GitHub with a repository that holds its refresh token, and a runner. */
export interface Stage {
  cobo: CoboEmulator;
  github: GitHubEmulator;
  /** The token that may write secrets. */
  writer: string;
  /** The refresh token that the app's installation brought. */
  refreshToken: string;
  /** The stores that hold it, as the emulator names them. */
  stores: readonly string[];
  /** Queues another workflow run, now; gives what its jobs know of it. */
  queueRun(): Partial<GitHubContext>;
  /** The inputs of a run with write-back to the stores, `changes` on top; an undefined one is left out. */
  inputs(changes?: Record<string, string | undefined>): Record<string, string>;
  /** Runs the action with such inputs, as the runner does. */
  run(changes?: Record<string, string | undefined>, options?: Partial<StepOptions>): Promise<StepResult>;
  /** Every secret that came up so far; none may be readable anywhere. */
  secrets(): string[];
  /** Those that are readable in what a step left behind. */
  leaks(result: StepResult): string[];
  close(): Promise<void>;
}

/** Everything a run needs, on free ports of this machine. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const [cobo, github] = await Promise.all([startCobo(options.cobo), startGitHub(options.github)]);
  github.addRepository(REPOSITORY, { environments: options.environments ?? [] });
  const writer = 'github_pat_11EXAMPLE0writer';
  const stores = (options.stores ?? ['repository']).map((line) => build(github, line));
  const grants = options.grants ?? grantsFor([STORE, ...stores]);
  github.addToken({ token: writer, grants });
  const now = github.clock;
  github.addRun(REPOSITORY, { id: RUN_ID, created_at: new Date(now - 5_000).toISOString() });
  let runs = 0;
  const refreshToken = cobo.issueRefreshToken();
  // Stored a day ago: older than the run that is about to read it.
  for (const store of stores) github.setSecret(store, SECRET, refreshToken, now - 24 * 3600_000);

  const inputs: Stage['inputs'] = (changes = {}) => {
    const all: Record<string, string | undefined> = {
      'private-key': cobo.client.appSecretHex,
      'client-id': cobo.client.clientId,
      'refresh-token': refreshToken,
      'api-url': cobo.url,
      'response-public-key': cobo.responsePublicKeyHex,
      'github-token': writer,
      'refresh-token-secret': SECRET,
      'secret-stores': options.stores?.join('\n'),
      ...changes,
    };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(given);
  };
  const secrets: Stage['secrets'] = () =>
    [
      cobo.client.appSecretHex,
      writer,
      ...cobo.history.flatMap(({ spent, issued }) => [spent, issued?.refreshToken, issued?.accessToken]),
    ].filter((secret) => secret !== undefined);

  return {
    cobo,
    github,
    writer,
    refreshToken,
    stores,
    queueRun() {
      runs += 1;
      const id = RUN_ID + runs;
      github.addRun(REPOSITORY, { id, created_at: github.clock });
      return { repository: REPOSITORY, run_id: String(id), api_url: github.url };
    },
    inputs,
    run: (changes, step) =>
      runStep({
        ...step,
        with: inputs(changes),
        github: { repository: REPOSITORY, run_id: String(RUN_ID), api_url: github.url, ...step?.github },
      }),
    secrets,
    leaks: (result) => findLeaks(result, secrets()),
    async close() {
      await Promise.all([cobo.close(), github.close()]);
    },
  };
}

/** Makes the place that a line of `secret-stores` names; gives the store's full name. */
function build(github: GitHubEmulator, line: string): string {
  if (line.startsWith('organization:')) {
    github.addOrganization(line.slice('organization:'.length));
    return line;
  }
  const [place = '', repository = REPOSITORY] = line.split('@');
  const environments = place.startsWith('environment:') ? [place.slice('environment:'.length)] : [];
  github.addRepository(repository, { environments });
  return `${place}@${repository}`;
}

/** Everything that a run needs for these stores. */
function grantsFor(stores: readonly string[]): Grant[] {
  const owners = new Set(stores.map((store) => store.replace(/^(?:.*@|organization:)/, '')));
  return [...owners].map((owner) =>
    owner.includes('/')
      ? {
          repo: owner,
          secrets: 'write',
          environments: 'write',
          dependabot_secrets: 'write',
          variables: 'write',
          actions: 'read',
        }
      : { org: owner, organization_secrets: 'write', organization_variables: 'write' },
  );
}
