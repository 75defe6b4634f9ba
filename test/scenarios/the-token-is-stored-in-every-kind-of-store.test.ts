import { scenario } from './support/scenario.ts';

const stores = ['environment:cobo', 'environment:cobo@octo-org/other-repo', 'organization:octo-org', 'dependabot'];

scenario({ stores }, async ({ run }) => {
  await run({ 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' });
});
