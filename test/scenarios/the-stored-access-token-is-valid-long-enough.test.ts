import { scenario } from './support/scenario.ts';

scenario(async ({ name, run }) => {
  const accessToken = 'an-access-token-from-an-earlier-run';
  name(accessToken, 'stored access token');
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  await run({ 'access-token': accessToken, 'expires-at': inAnHour, 'min-validity': '600' });
});
