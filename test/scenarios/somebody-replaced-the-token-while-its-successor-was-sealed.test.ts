import { SECRET } from '../../emulators/stage.ts';
import { storing } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, stores, name, run, kill }) => {
  const newToken = cobo.issueRefreshToken();
  name(newToken, 'refresh token of somebody else');
  const replace = async () => {
    await kill();
    for (const store of stores) github.setSecret(store, SECRET, newToken);
  };
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: replace, next: { kind: 'cut', when: 'before' } },
  });
  await run();
});
