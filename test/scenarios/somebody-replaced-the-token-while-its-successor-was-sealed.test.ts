import { SECRET } from '../../emulators/stage.ts';
import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, stores, name, run }) => {
  const newToken = cobo.issueRefreshToken();
  name(newToken, 'refresh token of somebody else');
  const replace = () => {
    for (const store of stores) github.setSecret(store, SECRET, newToken);
  };
  // GitHub refuses the successor, and before the post step looks somebody sets the secret anew.
  github.faults.add({ match: storing(), fault: { kind: 'status', status: 403, when: 'before' } });
  github.faults.add({
    match: { method: 'GET', path: /\/secrets$/ },
    skip: 1,
    fault: { kind: 'hook', when: 'before', run: replace },
  });
  await run({ 'max-attempts': '1' });
});
