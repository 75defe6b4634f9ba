import type { StoreFacts } from './act.ts';

/** A line of `secret-stores`, read for the referee. */
export interface StorePlace extends Pick<StoreFacts, 'label' | 'kind' | 'secretsPath'> {
  /** `owner/name`, or the organization. */
  owner: string;
}

/** Reads a line as the contract's grammar says; only well-formed ones are drawn. */
export function placeOf(line: string, ownRepository: string): StorePlace {
  const organization = /^organization:(.+)$/.exec(line)?.[1];
  if (organization !== undefined) {
    const secretsPath = `/orgs/${organization}/actions/secrets`;
    return { label: line, kind: 'organization', secretsPath, owner: organization };
  }
  const [place = '', repository = ownRepository] = line.split('@');
  const label = `${place}@${repository}`;
  const base = `/repos/${repository}`;
  const environment = /^environment:(.+)$/.exec(place)?.[1];
  if (environment !== undefined) {
    const secretsPath = `${base}/environments/${encodeURIComponent(environment)}/secrets`;
    return { label, kind: 'environment', secretsPath, owner: repository };
  }
  return place === 'dependabot'
    ? { label, kind: 'dependabot', secretsPath: `${base}/dependabot/secrets`, owner: repository }
    : { label, kind: 'repository', secretsPath: `${base}/actions/secrets`, owner: repository };
}
