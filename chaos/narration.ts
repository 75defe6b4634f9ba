import type { Act } from './act.ts';
import type { Story } from './story.ts';

/** The whole story of one seed, for whoever looks into a violation. */
export function narrate({ plan, acts, violations, tooSlow }: Story): string[] {
  return [
    'plan',
    ...JSON.stringify(plan, undefined, 1)
      .split('\n')
      .map((line) => `  ${line}`),
    ...acts.flatMap(narrateAct),
    ...(tooSlow ? ['the machine was too slow to conclude anything'] : []),
    violations.length === 0 ? 'verdict: no violation' : 'verdict:',
    ...violations.map((violation) => `  ${violation}`),
  ];
}

function narrateAct({ role, input, staleStores, exchanges, gitHub, ending, after }: Act): string[] {
  const requests = [...exchanges, ...gitHub]
    .map(({ record, mishap }) => ({ record, mishap }))
    .sort((a, b) => a.record.at - b.record.at || a.record.seq - b.record.seq);
  const { killed, exitCode, outputs, log, debug } = ending;
  const shown = Object.entries(outputs).map(
    ([name, value]) => `  ${name} = ${JSON.stringify(value.slice(0, 80))}`,
  );
  return [
    `\n${role} run: given ${input.token === undefined ? 'no token' : `a ${input.living ? 'living' : 'dead'} token${input.envelope ? ' in an envelope' : ''}`}${staleStores.length > 0 ? `, known to be stale in ${staleStores.join(', ')}` : ''}`,
    ...requests.map(
      ({ record, mishap }) =>
        `  ${record.path.startsWith('/v2/') ? 'Cobo  ' : 'GitHub'} ${record.method} ${record.path} → ${record.status}, ${record.verdict}${mishap === undefined ? '' : ` [${JSON.stringify(mishap)}]`}`,
    ),
    killed ? `killed by ${ending.killedBy}` : `exit status ${exitCode}`,
    'outputs',
    ...shown,
    'log',
    ...log.split('\n').map((line) => `  | ${line}`),
    ...debug.map((line) => `  : ${line}`),
    'stores',
    ...after.map(
      ({ label, refreshToken, probes }) => `  ${label}: ${refreshToken?.slice(0, 12)}… ${probes.join(' ')}`,
    ),
  ];
}
