import { readingKey } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['repository@octo-org/old-name'] }, async ({ github, run }) => {
  github.renameRepository('octo-org/old-name', 'octo-org/new-name');
  // Of the two requests that are redirected, one is enough.
  github.faults.add({ match: readingKey(), fault: { kind: 'hang', when: 'before' } });
  await run();
});
