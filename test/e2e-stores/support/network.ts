import type { StageOptions } from '../../../emulators/stage.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import type { ProxySetup } from './proxy-process.ts';

/** Names that no resolver knows: only the proxy of a test can lead there. */
export const COBO_HOST = 'api.cobo.test';
export const GITHUB_HOST = 'ghe.example.test';

/** Both services over TLS, under one authority; GitHub as an Enterprise Server. */
export interface Tls {
  authority: Authority;
  options: Pick<StageOptions, 'cobo' | 'github'>;
}

export function overTls(): Tls {
  const authority = makeAuthority();
  return {
    authority,
    options: {
      cobo: { tls: authority.issue(COBO_HOST, '127.0.0.1') },
      github: { tls: authority.issue(GITHUB_HOST, '127.0.0.1'), pathPrefix: '/api/v3' },
    },
  };
}

interface Services {
  cobo: { origin: string };
  github: { origin: string };
}

/** Where the proxy finds both. */
export function hostsOf({ cobo, github }: Services): ProxySetup['hosts'] {
  return {
    [`${COBO_HOST}:443`]: Number(new URL(cobo.origin).port),
    [`${GITHUB_HOST}:443`]: Number(new URL(github.origin).port),
  };
}

/** The inputs that name both hosts. */
export const BY_NAME = {
  'api-url': `https://${COBO_HOST}/v2`,
  'github-api-url': `https://${GITHUB_HOST}/api/v3`,
};
