/**
 * Both emulators in a process of their own, so that a benchmark does not measure them too.
 *
 *     node --import tsx emulators/process.ts '{"latencyMs":40,"repository":"octo/app","environments":["cobo"]}'
 *
 * Prints one line of JSON (`ProcessAnswer`), then answers each command on its standard input (one line
 * of JSON each) with one line of JSON, and ends when the input ends.
 */
import { createInterface } from 'node:readline';
import { type CoboClient, startCobo } from './cobo.ts';
import { startGitHub } from './github.ts';
import type { TlsOptions } from './server.ts';

/** The first argument, as JSON. */
export interface ProcessOptions {
  latencyMs?: number;
  /** Default `octo/app`. */
  repository?: string;
  /** Default `cobo`. */
  environments?: string[];
  organizations?: string[];
  pathPrefix?: string;
  /** With it both emulators speak HTTPS. */
  tls?: TlsOptions;
}

/** The first line printed. */
export interface ProcessAnswer {
  cobo: { url: string; responsePublicKeyHex: string; client: CoboClient; refreshToken: string };
  github: { url: string; token: string; repository: string };
}

/** A line of the standard input. `issue` asks for another first refresh token. */
export interface ProcessCommand {
  latencyMs?: number;
  /** Forgets the logs of requests; the state stays. */
  reset?: boolean;
  issue?: boolean;
}

/** The line that answers a command; the counts are those before a reset. */
export interface ProcessReport {
  cobo: { requests: number; maxInFlight: number };
  github: { requests: number; maxInFlight: number };
  /** Method, path and status of each, in the order of their arrival; first those at Cobo. */
  lines: string[];
  refreshToken?: string;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ProcessOptions;
const repository = options.repository ?? 'octo/app';
const token = 'emulated-secrets-writer';
const { pathPrefix } = options;
const tls = options.tls === undefined ? {} : { tls: options.tls };
const [cobo, github] = await Promise.all([
  startCobo(tls),
  startGitHub(pathPrefix === undefined ? tls : { ...tls, pathPrefix }),
]);
github.addRepository(repository, { environments: options.environments ?? ['cobo'] });
for (const name of options.organizations ?? []) github.addOrganization(name);
const all = {
  secrets: 'write',
  environments: 'write',
  dependabot_secrets: 'write',
  variables: 'write',
} as const;
const organizations = (options.organizations ?? []).map((org) => {
  return { org, organization_secrets: 'write', organization_variables: 'write' } as const;
});
github.addToken({ token, grants: [{ repo: repository, ...all, actions: 'read' }, ...organizations] });
setLatency(options.latencyMs ?? 0);

const { responsePublicKeyHex, client } = cobo;
const refreshToken = cobo.issueRefreshToken();
const answer: ProcessAnswer = {
  cobo: { url: cobo.url, responsePublicKeyHex, client, refreshToken },
  github: { url: github.url, token, repository },
};
process.stdout.write(`${JSON.stringify(answer)}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const command = JSON.parse(line) as ProcessCommand;
  const report: ProcessReport = {
    cobo: { requests: cobo.requests.length, maxInFlight: cobo.maxInFlight },
    github: { requests: github.requests.length, maxInFlight: github.maxInFlight },
    lines: [...cobo.requests, ...github.requests].map(({ method, path, status }) => `${method} ${path} ${status}`),
  };
  if (command.latencyMs !== undefined) setLatency(command.latencyMs);
  if (command.reset === true) {
    cobo.resetLog();
    github.resetLog();
  }
  if (command.issue === true) report.refreshToken = cobo.issueRefreshToken();
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
await Promise.all([cobo.close(), github.close()]);

function setLatency(ms: number): void {
  cobo.latencyMs = ms;
  github.latencyMs = ms;
}
