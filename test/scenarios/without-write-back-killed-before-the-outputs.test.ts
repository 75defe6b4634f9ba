import { scenario } from './support/scenario.ts';

// Right before it writes the output, the process waits for nobody: no request and no line of the log could be the sign.
const killedBeforeTheOutput = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { appendFileSync } = fs;
  fs.appendFileSync = (file, text, ...rest) => {
    if (String(text).startsWith('refresh-token<<')) process.kill(process.pid, 'SIGKILL');
    return appendFileSync(file, text, ...rest);
  };
  syncBuiltinESMExports();`;

scenario({ stores: [] }, async ({ run }) => {
  const noStores = { 'refresh-token-secret': undefined, 'secret-stores': undefined, 'github-token': undefined };
  const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(killedBeforeTheOutput)}`];
  await run(noStores, { nodeOptions });
});
