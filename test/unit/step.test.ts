import { describe, expect, test } from 'vitest';
import { hook, RECORD, REPOSITORY, Scene, STORE, status, UNDO } from './support.ts';

describe('the exit status', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGBREAK', 149],
  ] as const)('after %s is %i', async (signal, exit) => {
    const scene = await Scene.open();
    const step = await scene.main({
      plan: (running) => scene.stage.github.faults.add({ fault: hook(() => running.signal(signal)) }),
    });
    expect([step.exit, step.outputs['token-state']]).toEqual([exit, 'unspent']);
    expect(step.error).toMatch(/error: cancelled\]$/);
  });

  test('is 1 when a check failed although a signal came as well', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      plan: (running) => {
        scene.stage.github.faults.add({ match: RECORD, fault: status(403) });
        running.afterwards(RECORD, () => running.signal());
      },
    });
    expect(step.exit).toBe(1);
    expect(step.error).toMatch(/error: store-refused\]$/);
  });

  test('is 1 when the runner says nothing of the run', async () => {
    const scene = await Scene.open();
    const facts = Object.defineProperty({}, 'runId', {
      enumerable: true,
      get: () => {
        throw new TypeError('no event');
      },
    });
    const step = await scene.main({ facts });
    expect([step.exit, scene.stage.github.requests.length]).toEqual([1, 0]);
    expect(step.error).toContain('Something failed that the action did not expect (TypeError). This run has not');
  });

  test('is 1 when the log breaks at the same time', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      plan: (running) => {
        running.told.onTell = ({ kind }) => {
          if (kind !== 'info') return;
          running.signal();
          throw new Error('EPIPE');
        };
      },
    });
    expect([step.exit, scene.asked, scene.records()]).toEqual([1, 0, []]);
  });
});

test('the error line does not wait for the records, and names each that is left', async () => {
  const scene = await Scene.open({ stores: ['repository', 'environment:cobo'] });
  scene.stage.cobo.faults.add({ fault: status(403) });
  scene.stage.github.faults.add({ match: UNDO, times: 8, fault: status(500) });
  const step = await scene.main();
  const record = step.handover?.recording?.name;
  expect([step.exit, step.outputs['token-state']]).toEqual([1, 'unspent']);
  const kinds = step.told.told.map(({ kind }) => kind);
  expect(kinds.lastIndexOf('error')).toBeLessThan(kinds.lastIndexOf('warning'));
  expect(step.warnings).toEqual([
    `The in-flight record could not be deleted from \`${STORE}\` and \`environment:cobo@${REPOSITORY}\`: GitHub returned HTTP 500. The post step of this job tries again. If the next run says that the token is in doubt, delete the record: \`gh secret delete ${record} --repo ${REPOSITORY}\`, \`gh secret delete ${record} --repo ${REPOSITORY} --env 'cobo'\`.`,
  ]);
  expect(step.handover?.recording?.records).toHaveLength(2);
  expect((await scene.post(step)).exit).toBe(0);
});
