import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ cobo, github, run }) => {
  const forget = () => github.forgetIdleConnections();
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: forget } });
  await run({ 'timeout-seconds': '2', 'max-attempts': '2' });
});
