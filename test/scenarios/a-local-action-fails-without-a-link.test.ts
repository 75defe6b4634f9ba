import { scenario } from './support/scenario.ts';

scenario(
  { except: { 'one error line': 'no version of the documentation belongs to a local action' } },
  async ({ run }) => {
    await run({ 'refresh-token': '' }, { github: { action_repository: '', action_ref: '' } });
  },
);
