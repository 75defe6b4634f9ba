import { REPOSITORY } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const HOUR = 3_600_000;

// Dependabot secrets are read when the run is queued, as those of a repository and an organization are.
scenario({ stores: ['dependabot'] }, async ({ github, run }) => {
  github.addRun(REPOSITORY, { id: 7, created_at: new Date(github.clock - HOUR).toISOString() });
  await run({}, { github: { run_id: '7' } });
});
