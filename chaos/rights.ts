import type { GitHubEmulator, Grant } from '../emulators/github.ts';

/** Everything that a token which writes to all the stores could need. */
export function allRights(own: string, other: string, organization: string, mayReadRun: boolean): Grant[] {
  const write = {
    secrets: 'write',
    environments: 'write',
    dependabot_secrets: 'write',
    variables: 'write',
  } as const;
  return [
    { repo: own, ...write, ...(mayReadRun ? { actions: 'read' as const } : {}) },
    { repo: other, ...write },
    { org: organization, organization_secrets: 'write', organization_variables: 'write' },
  ];
}

/** The right to read all, and to write nothing, in a repository (`owner/name`) or an organization. */
export function readingOnly(owner: string): Grant {
  if (!owner.includes('/')) {
    return { org: owner, organization_secrets: 'read', organization_variables: 'read' };
  }
  return {
    repo: owner,
    secrets: 'read',
    environments: 'read',
    dependabot_secrets: 'read',
    variables: 'read',
    actions: 'read',
  };
}

/** Takes rights away from a token, those in the place that the path of a request is about. */
export function revoke(
  github: GitHubEmulator,
  token: string,
  scope: 'token' | 'owner' | 'write',
  path: string,
): void {
  const [, root, first = '', second = ''] = path.split('/');
  const owner = root === 'orgs' ? first : `${first}/${second}`;
  if (scope === 'token') {
    github.revoke(token);
  } else if (scope === 'owner') {
    github.revoke(token, owner);
  } else {
    try {
      github.setGrant(token, readingOnly(owner));
    } catch {
      // The token is gone already: there is nothing left to take away.
    }
  }
}
