import type { Schemas } from './answers.ts';
import type { Repository } from './stores.ts';

/** Where links in answers lead. */
export interface Base {
  /** The REST API, no slash at the end. */
  api: string;
  /** Repositories describe themselves with at least so many characters: real answers are that large. */
  padDescriptionsTo: number;
}

const HTML = 'https://github.com';

/** A user or an organization, in full. */
export function simpleUser(login: string, { api }: Base, type = 'Organization'): Schemas['simple-user'] {
  const id = numberOf(login);
  const url = `${api}/users/${login}`;
  return {
    login,
    id,
    node_id: nodeId(`04:User${id}`),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${HTML}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** A repository the way lists and runs carry it. */
export function minimalRepository(repository: Repository, base: Base): Schemas['minimal-repository'] {
  const { id, fullName } = repository;
  const [owner = '', name = ''] = fullName.split('/');
  const url = `${base.api}/repos/${fullName}`;
  const said = repository.description ?? null;
  return {
    id,
    node_id: nodeId(`010:Repository${id}`),
    name,
    full_name: fullName,
    private: true,
    owner: simpleUser(owner, base),
    html_url: `${HTML}/${fullName}`,
    description: base.padDescriptionsTo === 0 ? said : (said ?? '').padEnd(base.padDescriptionsTo, '.'),
    fork: false,
    url,
    forks_url: `${url}/forks`,
    keys_url: `${url}/keys{/key_id}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    teams_url: `${url}/teams`,
    hooks_url: `${url}/hooks`,
    issue_events_url: `${url}/issues/events{/number}`,
    events_url: `${url}/events`,
    assignees_url: `${url}/assignees{/user}`,
    branches_url: `${url}/branches{/branch}`,
    tags_url: `${url}/tags`,
    blobs_url: `${url}/git/blobs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    statuses_url: `${url}/statuses/{sha}`,
    languages_url: `${url}/languages`,
    stargazers_url: `${url}/stargazers`,
    contributors_url: `${url}/contributors`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    commits_url: `${url}/commits{/sha}`,
    git_commits_url: `${url}/git/commits{/sha}`,
    comments_url: `${url}/comments{/number}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    contents_url: `${url}/contents/{+path}`,
    compare_url: `${url}/compare/{base}...{head}`,
    merges_url: `${url}/merges`,
    archive_url: `${url}/{archive_format}{/ref}`,
    downloads_url: `${url}/downloads`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    labels_url: `${url}/labels{/name}`,
    releases_url: `${url}/releases{/id}`,
    deployments_url: `${url}/deployments`,
    archived: repository.isArchived,
    disabled: false,
    visibility: 'private',
  };
}

/** A number that stays the same for a text. */
export function numberOf(text: string): number {
  let sum = 0;
  for (const byte of Buffer.from(text.toLowerCase())) sum = (sum * 31 + byte) % 100_000_007;
  return sum + 1;
}

/** A node ID in the form that GitHub has used for long. */
export function nodeId(text: string): string {
  return Buffer.from(text).toString('base64');
}
