import { SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, stores, name, run, kill }) => {
  const newToken = cobo.issueRefreshToken();
  name(newToken, 'refresh token of somebody else');
  const replace = async () => {
    await kill();
    for (const store of stores) github.setSecret(store, SECRET, newToken);
  };
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: replace, next: { kind: 'hang', when: 'before' } } });
  await run();
});
