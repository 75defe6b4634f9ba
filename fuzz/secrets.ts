/** What no text that others can read may ever hold. Made up, and as long as the real ones at least. */
export const SECRETS = {
  appSecret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  refreshToken: 'fuzz-refresh-token-in-hand-Q7mZ2xVb91LsTeRk04WdYpHc',
  githubToken: 'github_pat_11FUZZ0000abcdEFGHijkl_mnopQRSTuvwxYZ0123456789fuzz',
  storedAccessToken: 'fuzz-access-token-stored-3JqWnC8sPzL5vBxR2tYkHd6M',
  newRefreshToken: 'fuzz-refresh-token-rotated-Xh4KpN9cTgV1rZsQ8wLbYd5J',
  newAccessToken: 'fuzz-access-token-granted-Uf6RmD2yGkC7xVtP3nHzWq0S',
} as const;

export const ALL_SECRETS: readonly string[] = Object.values(SECRETS);
