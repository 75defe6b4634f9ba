import { readingKey } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

const except = { 'masked first': 'a log that nobody reads has no masks', 'one error line': 'and no errors' };

scenario({ except }, async ({ github, run, closeOutput }) => {
  github.faults.add({ match: readingKey(), fault: { kind: 'hook', when: 'before', run: closeOutput } });
  await run();
});
