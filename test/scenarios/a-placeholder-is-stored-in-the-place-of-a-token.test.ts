import { scenario } from './support/scenario.ts';

const except = { 'no leaks': 'what is too short to be a secret is none', 'masked first': 'and is not masked' };

scenario({ except }, async ({ run }) => {
  await run({ 'access-token': '-', 'expires-at': '2026-01-01T00:00:00Z' });
});
