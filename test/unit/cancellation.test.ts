import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cancellation, type CancelSignal } from '../../src/cancellation.ts';

let process: EventEmitter;
let run: Cancellation;

/** A signal, as Node tells it: its name is the event and the first argument. */
const signal = (name: CancelSignal) => expect(process.emit(name, name)).toBe(true);

beforeEach(() => {
  process = new EventEmitter();
  run = new Cancellation(process);
});

it('a run that no signal reaches goes on, with exit status 0', () => {
  expect([run.stop.aborted, run.received, run.exitStatus]).toEqual([false, undefined, 0]);
});

it.each<[CancelSignal, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGBREAK', 149],
])('%s stops the run, with exit status %i, until it is closed; a later one changes nothing', (name, status) => {
  signal(name);
  signal('SIGHUP');
  expect([run.stop.reason, run.received, run.exitStatus]).toEqual(['cancelled', name, status]);
  run.close();
  expect(process.listenerCount(name)).toBe(0);
});

describe('tasks together', () => {
  const fails = (message = 'no') => Promise.reject(new Error(message));
  /** Ends a turn after the run was stopped. */
  const stopped = async (then: () => unknown) => {
    await new Promise((resolve) => run.stop.addEventListener('abort', () => setImmediate(resolve)));
    return then();
  };

  it('give what each gives, in order', async () => {
    await expect(run.together([Promise.resolve(1), Promise.resolve('two')])).resolves.toEqual([1, 'two']);
  });

  it('stop when one fails, have all ended before the first failure is told, and leave a signal for cleaning up', async () => {
    const { stop } = run;
    let ended = false;
    const later = stopped(() => {
      ended = true;
      return fails('second');
    });
    await expect(run.together([later, fails('first')])).rejects.toThrow('first');
    expect([ended, stop.reason, run.stop.aborted]).toEqual([true, 'given up', false]);
    signal('SIGINT');
    expect(run.stop.reason).toBe('cancelled');
  });

  it.each(['before', 'after'])('leave the run cancelled where a signal came %s the failure', async (when) => {
    const other = when === 'after' ? stopped(() => signal('SIGINT')) : Promise.resolve();
    if (when === 'before') signal('SIGINT');
    await expect(run.together([fails(), other])).rejects.toThrow('no');
    expect(run.stop.reason).toBe('cancelled');
  });
});
