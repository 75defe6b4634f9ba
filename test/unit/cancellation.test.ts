import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cancellation, type CancelSignal } from '../../src/cancellation.ts';

let process: EventEmitter;
let cancellation: Cancellation;

/** A signal, as Node tells it: its name is the event and the first argument. */
function signal(name: CancelSignal): void {
  expect(process.emit(name, name)).toBe(true);
}

beforeEach(() => {
  process = new EventEmitter();
  cancellation = new Cancellation(process);
});

it('a run that no signal reaches goes on, with exit status 0', () => {
  const { stop, received, exitStatus } = cancellation;
  expect([stop.aborted, received, exitStatus]).toEqual([false, undefined, 0]);
});

it.each<[CancelSignal, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGBREAK', 149],
])('%s stops the run, with exit status %i, until it is closed; a later one changes nothing', (name, status) => {
  signal(name);
  signal('SIGHUP');
  const { stop, received, exitStatus } = cancellation;
  expect([stop.reason, received, exitStatus]).toEqual(['cancelled', name, status]);
  cancellation.close();
  expect(process.listenerCount(name)).toBe(0);
});

describe('tasks together', () => {
  const fails = (message = 'no') => Promise.reject(new Error(message));
  /** Ends a turn after the run was stopped. */
  const stopped = async (then: () => unknown) => {
    await new Promise((resolve) => cancellation.stop.addEventListener('abort', () => setImmediate(resolve)));
    return then();
  };

  it('give what each gives, in order', async () => {
    const tasks = cancellation.together([Promise.resolve(1), Promise.resolve('two')]);
    await expect(tasks).resolves.toEqual([1, 'two']);
  });

  it('stop when one fails, have all ended before that is told, and leave a signal for cleaning up', async () => {
    const { stop } = cancellation;
    let ended = false;
    const other = stopped(() => (ended = true));
    await expect(cancellation.together([fails(), other])).rejects.toThrow('no');
    expect([ended, stop.reason, cancellation.stop.aborted]).toEqual([true, 'given up', false]);
    signal('SIGINT');
    expect(cancellation.stop.reason).toBe('cancelled');
  });

  it('tell the first failure', async () => {
    const later = stopped(() => fails('second'));
    await expect(cancellation.together([later, fails('first')])).rejects.toThrow('first');
  });

  it.each(['before', 'after'])('leave the run cancelled where a signal came %s the failure', async (when) => {
    const other = when === 'after' ? stopped(() => signal('SIGINT')) : Promise.resolve();
    if (when === 'before') signal('SIGINT');
    await expect(cancellation.together([fails(), other])).rejects.toThrow('no');
    expect(cancellation.stop.reason).toBe('cancelled');
  });
});
