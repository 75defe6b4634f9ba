import { type CoboEmulator, type CoboOptions, startCobo } from './cobo.ts';
import { type GitHubEmulator, type GitHubOptions, type Grant, startGitHub } from './github.ts';
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
  /** What the writer token may do; by default everything in the repository. */
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
  /** The inputs of a run with write-back to the repository, `changes` on top; an undefined one is left out. */
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
  const grants: readonly Grant[] = options.grants ?? [
    {
      repo: REPOSITORY,
      secrets: 'write',
      environments: 'write',
      dependabot_secrets: 'write',
      variables: 'write',
      actions: 'read',
    },
  ];
  github.addToken({ token: writer, grants });
  const now = github.clock;
  github.addRun(REPOSITORY, { id: RUN_ID, created_at: new Date(now - 5_000).toISOString() });
  const refreshToken = cobo.issueRefreshToken();
  // Stored a day ago: older than the run that is about to read it.
  github.setSecret(STORE, SECRET, refreshToken, now - 24 * 3600_000);

  const inputs: Stage['inputs'] = (changes = {}) => {
    const all: Record<string, string | undefined> = {
      'private-key': cobo.client.appSecretHex,
      'client-id': cobo.client.clientId,
      'refresh-token': refreshToken,
      'api-url': cobo.url,
      'response-public-key': cobo.responsePublicKeyHex,
      'github-token': writer,
      'refresh-token-secret': SECRET,
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
