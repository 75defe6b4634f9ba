import { scenario } from './support/scenario.ts';

scenario({ github: { pathPrefix: '/api/v3' } }, async ({ run }) => {
  await run({ 'expires-at-variable': 'COBO_EXPIRES_AT' });
});
