import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, stores, run, kill }) => {
  // A person deletes the record of a run that seems to be dead, and a minute later another run writes its own.
  const replaceRecord = async () => {
    await kill();
    github.clockSkewMs = 60_000;
    for (const store of stores) {
      const record = github.secretNames(store).find((one) => one.includes('_IN_FLIGHT_')) ?? '';
      github.removeSecret(store, record);
      github.setSecret(store, record, 'written by another run');
    }
  };
  cobo.faults.add({
    fault: { kind: 'hook', when: 'before', run: replaceRecord, next: { kind: 'hang', when: 'before' } },
  });
  await run();
});
