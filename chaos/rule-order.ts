import type { Act, Exchange } from './act.ts';

/** What must come first, and what must not come at all. */
export function order(act: Act): string[] {
  return [
    ...provedFirst(act),
    ...neverStale(act),
    ...cancelledFirst(act),
    ...heldBack(act),
    ...trusted(act),
    ...succeeds(act),
    ...dryRun(act),
  ];
}

/** Nothing is spent before each store has taken a probe: a token that cannot be stored is spent for nothing. */
function provedFirst(act: Act): string[] {
  const [first] = act.exchanges;
  const { refreshTokenSecret, accessTokenSecret } = act.setting;
  const target = refreshTokenSecret ?? accessTokenSecret;
  if (first === undefined || target === undefined) return [];
  return act.after.flatMap(({ label, secretsPath }) => {
    const probe = `${secretsPath}/${target}_`;
    const proved = act.gitHub.some(
      ({ record: { method, path, at, verdict } }) =>
        method === 'PUT' &&
        path.startsWith(probe) &&
        path.endsWith('_PROBE') &&
        at <= first.record.at &&
        verdict.startsWith('sealed box opened'),
    );
    return proved ? [] : [`Cobo was called before the store ${label} was proved writable`];
  });
}

function neverStale({ staleStores, exchanges, ending }: Act): string[] {
  if (staleStores.length === 0) return [];
  if (exchanges.length > 0) {
    const replay = exchanges.some((exchange) => exchange.replay) ? ', and Cobo saw a replay' : '';
    return [`a token that was known to be stale was sent to Cobo${replay}`];
  }
  const state = ending.outputs['token-state'];
  return state === 'unspent' || ending.killed ? [] : [`a stale token ended in the state ${state}`];
}

function cancelledFirst({ cancelledEarly, exchanges }: Act): string[] {
  return cancelledEarly && exchanges.length > 0 ? ['Cobo was called after the run had been cancelled'] : [];
}

/** From the first byte of the refresh to the last write no signal but the kill ends the process. */
function heldBack({ exchanges, ending }: Act): string[] {
  const { killedBy, outputs } = ending;
  if (killedBy === undefined || killedBy === 'SIGKILL' || exchanges.length === 0) return [];
  return outputs['token-state'] === undefined ? [`${killedBy} ended it while the token was in flight`] : [];
}

/** An answer whose signature is missing or wrong hands out nothing and stores nothing. */
function trusted(act: Act): string[] {
  return act.exchanges
    .filter(({ arrival }) => arrival === 'untrusted')
    .flatMap((exchange) => misused(act, exchange));
}

function misused({ ending, after }: Act, { issued }: Exchange): string[] {
  const { outputs, exitCode } = ending;
  const violations: string[] = [];
  if (outputs['access-token'] === issued?.accessToken)
    violations.push('an access token without a good signature was handed out');
  if (after.some(({ refreshToken }) => refreshToken !== undefined && refreshToken === issued?.refreshToken)) {
    violations.push('a refresh token without a good signature was stored');
  }
  if (exitCode === 0) violations.push('an answer without a good signature ended in success');
  return violations;
}

/** A run that nothing stood against has to end with everything in its place. */
function succeeds(act: Act): string[] {
  const { input, setting, ending, after, livingAccessTokens } = act;
  const hasHope = input.living || setting.orgId === 'allowed';
  if (act.disturbed || act.staleStores.length > 0 || !hasHope || setting.dryRun) return [];
  const { exitCode, outputs } = ending;
  const access = outputs['access-token'] ?? '';
  if (exitCode !== 0)
    return [`nothing stood against it, and it ended with ${exitCode} in the state ${outputs['token-state']}`];
  const violations = livingAccessTokens.includes(access) ? [] : ['it handed out no living access token'];
  for (const store of after) {
    if (setting.refreshTokenSecret && !act.living.includes(store.refreshToken ?? ''))
      violations.push(`${store.label} holds no living refresh token`);
    if (setting.accessTokenSecret && store.accessToken !== access)
      violations.push(`${store.label} does not hold the access token`);
    const expiry = store.kind === 'dependabot' ? undefined : setting.expiresAtVariable;
    if (expiry && store.expiresAt !== outputs['expires-at'])
      violations.push(`${store.label} does not hold the expiry`);
  }
  return violations;
}

function dryRun({ setting, exchanges }: Act): string[] {
  return setting.dryRun && exchanges.length > 0 ? ['a dry run called Cobo'] : [];
}
