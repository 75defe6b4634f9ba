import { readingKey } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['repository@octo-org/old-name'] }, async ({ github, run }) => {
  github.renameRepository('octo-org/old-name', 'octo-org/new-name');
  // Of the two requests that are redirected, the list comes first.
  github.faults.add({ match: readingKey(), fault: { kind: 'delay', ms: 200, when: 'before' } });
  await run();
});
