import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Grant } from '../../../emulators/github.ts';
import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import { it as base } from '../../e2e/support/scenario.ts';
import { type RunningProxy, startProxy } from './proxy.ts';
import type { Passage } from './proxy-process.ts';

interface Fixtures {
  /** Starts a proxy that ends with the test. */
  proxy: (...setup: Parameters<typeof startProxy>) => Promise<RunningProxy>;
  /** Writes a text to a file that goes with the test; gives its path. */
  file: (name: string, text: string) => Promise<string>;
}

/** `it` of the end-to-end tests, with a proxy and files that go with the test. */
export const it = base.extend<Fixtures>({
  proxy: async ({ task: _task }, use) => {
    const proxies: RunningProxy[] = [];
    await use(async (setup) => {
      const proxy = await startProxy(setup);
      proxies.push(proxy);
      return proxy;
    });
    await Promise.all(proxies.map((proxy): Promise<Passage[]> => proxy.close()));
  },
  file: async ({ task: _task }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'e2e-stores-'));
    await use(async (name, text) => {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    });
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  },
});

export const ORGANIZATION = 'octo-org';
export const ORGANIZATION_STORE = `organization:${ORGANIZATION}`;

/** Everything that a writer may be allowed in a repository. */
export function everythingIn(repo: string): Grant {
  return {
    repo,
    secrets: 'write',
    environments: 'write',
    dependabot_secrets: 'write',
    variables: 'write',
    actions: 'read',
  };
}

/** Grants for the usual repository and for the organization. */
export const WITH_ORGANIZATION: readonly Grant[] = [
  everythingIn(REPOSITORY),
  { org: ORGANIZATION, organization_secrets: 'write', organization_variables: 'write' },
];

/** The name of an environment's store, as the emulator and the action's own log give it. */
export function environmentStore(name: string, repository: string = REPOSITORY): string {
  return `environment:${name}@${repository}`;
}

/** What was written for good, in the order of arrival: no probe, nothing read, nothing deleted. */
export function written({ github }: Stage): { line: string; name: string; status: number | 'cut' }[] {
  return github.requests
    .filter(({ method, path }) => /^(PUT|POST|PATCH)$/.test(method) && !path.endsWith('_PROBE'))
    .map(({ method, path, body, status }) => {
      const { name } = JSON.parse(body) as { name?: string };
      return { line: `${method} ${path}`, name: name ?? path.split('/').at(-1) ?? '', status };
    });
}
