import { expect, test } from 'vitest';
import { REPOSITORY, Scene } from './support.ts';

test('requests are told in the debug log, without a query', async () => {
  const scene = await Scene.open();
  scene.stage.cobo.faults.add({ fault: { kind: 'cut', when: 'before' } });
  const step = await scene.main({ env: { RUNNER_DEBUG: '1' } });
  const lines = step.told.texts('debug').map((line) => line.replace(/\(\d+ ms\)/, '(… ms)'));
  const [host, github] = [new URL(scene.stage.cobo.url).host, new URL(scene.stage.github.url).host];
  expect(lines).toContain(`POST ${host}/v2/oauth/token: the connection was cut (… ms)`);
  expect(lines).toContain(`POST ${host}/v2/oauth/token: HTTP 200 (… ms)`);
  expect(lines).toContain(
    `GET ${github}/repos/${REPOSITORY}/actions/secrets/public-key: HTTP 200, request E000:000001 (… ms)`,
  );
  expect((await scene.main()).told.texts('debug')).toEqual([]);
});
