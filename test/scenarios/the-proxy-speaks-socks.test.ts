import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({}, { env: { HTTP_PROXY: 'socks5://127.0.0.1:1080' } });
});
