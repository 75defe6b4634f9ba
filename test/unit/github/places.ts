import type { Targets } from '../../../src/github/store.ts';

/** Where the secrets and variables of some stores are, and what is written there. */
export const REPO = 'octo-org/octo-repo';
export const LABEL = `repository@${REPO}`;
export const PATH = `/repos/${REPO}/actions/secrets`;
export const VARIABLES = `/repos/${REPO}/actions/variables`;
export const COBO = `/repos/${REPO}/environments/cobo/secrets`;
export const DEPENDABOT = `/repos/${REPO}/dependabot/secrets`;
/** The seed of an app secret. */
export const SEED = Buffer.alloc(32, 3);

const NONE = { refreshTokenSecret: undefined, accessTokenSecret: undefined, expiresAtVariable: undefined };
export const ONE: Targets = { ...NONE, refreshTokenSecret: 'RT' };
export const ACCESS: Targets = { ...NONE, accessTokenSecret: 'AT' };
export const VARIABLE: Targets = { ...NONE, expiresAtVariable: 'EXP' };
export const ALL: Targets = { ...ONE, accessTokenSecret: 'AT', expiresAtVariable: 'EXP' };
