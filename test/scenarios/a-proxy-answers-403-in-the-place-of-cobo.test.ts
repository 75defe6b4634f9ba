import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({
    fault: {
      kind: 'status',
      status: 403,
      headers: { 'content-type': 'text/html' },
      body: '<html><body>Blocked by \u001b[31mpolicy</body></html>',
      when: 'before',
    },
  });
  await run();
});
