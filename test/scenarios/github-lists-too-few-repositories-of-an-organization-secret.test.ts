import type { PlainAnswer } from '../../emulators/faults.ts';
import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const DAY = 24 * 3_600_000;

scenario({ stores: ['organization:octo-org'] }, async ({ github, refreshToken, stores: [store = ''], run }) => {
  const ids = [github.addRepository(REPOSITORY), github.addRepository('octo-org/other-repo')];
  const audience = { visibility: 'selected', selectedRepositoryIds: ids } as const;
  github.setSecret(store, SECRET, refreshToken, Date.now() - DAY, audience);
  const rewrite = (answer: PlainAnswer): PlainAnswer => {
    const { total_count, repositories } = JSON.parse(answer.body) as Record<string, unknown[]>;
    return { ...answer, body: JSON.stringify({ total_count, repositories: repositories?.slice(1) }) };
  };
  github.faults.add({ match: { path: /\/repositories$/ }, fault: { kind: 'rewrite', rewrite } });
  await run();
});
