import type { ChildProcess } from 'node:child_process';
import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, kill, shows }) => {
  let post: ChildProcess | undefined;
  const onSpawn = (child: ChildProcess) => {
    post = child;
  };
  const interrupt = async () => {
    post?.kill('SIGINT');
    await shows(/^recovery-envelope: /);
  };
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: kill, next: { kind: 'cut', when: 'before' } },
  });
  github.faults.add({ match: storing(), fault: { kind: 'hook', when: 'before', run: interrupt } });
  await run({}, { post: { onSpawn } });
});
