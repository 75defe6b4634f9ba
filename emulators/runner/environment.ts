import type { JobFolder, StepFiles } from './folder.ts';

/** The parts of the `github` context that reach a step; what is left out has a plausible value. */
export interface GitHubContext {
  repository: string;
  run_id: string;
  run_attempt: string;
  api_url: string;
  server_url: string;
  event_name: string;
  actor: string;
  job: string;
  ref: string;
  sha: string;
  workflow: string;
  token: string;
  /** `owner/name` of the action that the step uses; empty for a local one (`uses: ./`). */
  action_repository: string;
  /** The tag, branch or commit after the `@`; empty for a local action. */
  action_ref: string;
}

export const DEFAULT_GITHUB: GitHubContext = {
  repository: 'octo-org/octo-repo',
  run_id: '1658821493',
  run_attempt: '1',
  api_url: 'https://api.github.com',
  server_url: 'https://github.com',
  event_name: 'workflow_dispatch',
  actor: 'octocat',
  job: 'refresh',
  ref: 'refs/heads/main',
  sha: 'ffac537e6cbbf934b08745a378932722df287a53',
  workflow: 'refresh',
  token: '',
  action_repository: 'org/cobo-refresh-action',
  action_ref: 'v1',
};

/** What Windows programs cannot do without; elsewhere none of it is set. */
const WINDOWS = ['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT'];

/** PATH and a home of its own: nothing else of the developer's environment reaches the step. */
export function cleanEnvironment(folder: JobFolder): Record<string, string> {
  const environment: Record<string, string> = {
    HOME: folder.home,
    USERPROFILE: folder.home,
    TMPDIR: folder.temp,
    TEMP: folder.temp,
    TMP: folder.temp,
  };
  for (const name of ['PATH', ...WINDOWS]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

const OS: Record<string, string> = { win32: 'Windows', darwin: 'macOS' };

/** The GITHUB_ and RUNNER_ variables of a step; an undefined one is not set. */
export function runnerVariables(
  github: GitHubContext,
  folder: JobFolder,
  files: StepFiles,
  debug: boolean,
): Record<string, string | undefined> {
  return {
    CI: 'true',
    GITHUB_ACTION: github.action_repository === '' ? '__self' : `__${github.action_repository.replace('/', '_')}`,
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_REF: github.action_ref,
    GITHUB_ACTION_REPOSITORY: github.action_repository,
    GITHUB_ACTOR: github.actor,
    GITHUB_API_URL: github.api_url,
    GITHUB_ENV: files.env,
    GITHUB_EVENT_NAME: github.event_name,
    GITHUB_EVENT_PATH: folder.event,
    GITHUB_GRAPHQL_URL: `${github.api_url}/graphql`,
    GITHUB_JOB: github.job,
    GITHUB_OUTPUT: files.output,
    GITHUB_PATH: files.path,
    GITHUB_REF: github.ref,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_REPOSITORY_OWNER: github.repository.split('/')[0] ?? '',
    GITHUB_RUN_ATTEMPT: github.run_attempt,
    GITHUB_RUN_ID: github.run_id,
    GITHUB_RUN_NUMBER: '1',
    GITHUB_SERVER_URL: github.server_url,
    GITHUB_SHA: github.sha,
    GITHUB_STATE: files.state,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_WORKFLOW: github.workflow,
    GITHUB_WORKSPACE: folder.workspace,
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'emulated',
    RUNNER_OS: OS[process.platform] ?? 'Linux',
    RUNNER_TEMP: folder.temp,
    ...(debug ? { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' } : {}),
  };
}
