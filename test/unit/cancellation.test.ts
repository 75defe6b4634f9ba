import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cancellation, type CancelSignal } from '../../src/cancellation.ts';

const SIGNALS: [CancelSignal, number][] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGBREAK', 149],
];

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
  expect(cancellation.stop.aborted).toBe(false);
  expect(cancellation.received).toBeUndefined();
  expect(cancellation.exitStatus).toBe(0);
});

describe('a signal', () => {
  it.each(SIGNALS)('%s stops the run, with exit status %i', (name, status) => {
    signal(name);
    expect(cancellation.stop.reason).toBe('cancelled');
    expect(cancellation.exitStatus).toBe(status);
  });

  it('is remembered when others follow', () => {
    signal('SIGINT');
    signal('SIGTERM');
    expect(cancellation.received).toBe('SIGINT');
  });
});

describe('whoever wants to hear of a signal', () => {
  it('hears of the first one', () => {
    let told = 0;
    cancellation.onReceived(() => told++);
    expect(told).toBe(0);
    signal('SIGINT');
    signal('SIGTERM');
    expect(told).toBe(1);
  });

  it('hears at once of one that has arrived, and not again', () => {
    signal('SIGINT');
    let told = 0;
    cancellation.onReceived(() => told++);
    expect(told).toBe(1);
    signal('SIGTERM');
    expect(told).toBe(1);
  });

  it('hears of none when it does not want to any more', () => {
    let told = 0;
    cancellation.onReceived(() => told++);
    cancellation.onReceived(undefined);
    signal('SIGINT');
    expect(told).toBe(0);
  });

  it('may stop listening after one has arrived', () => {
    signal('SIGINT');
    expect(() => cancellation.onReceived(undefined)).not.toThrow();
  });

  it('is replaced by the next one', () => {
    const told: string[] = [];
    cancellation.onReceived(() => told.push('first'));
    cancellation.onReceived(() => told.push('second'));
    signal('SIGINT');
    expect(told).toEqual(['second']);
  });
});

describe('tasks together', () => {
  it('give what each gives, in order', async () => {
    await expect(cancellation.together([Promise.resolve(1), Promise.resolve('two')])).resolves.toEqual([
      1,
      'two',
    ]);
  });

  it('stop when one fails, and have all ended before that is told', async () => {
    const { stop } = cancellation;
    let ended = false;
    const other = new Promise<void>((resolve) => {
      stop.addEventListener('abort', () => setImmediate(() => resolve()), { once: true });
    }).then(() => {
      ended = true;
    });
    await expect(cancellation.together([Promise.reject(new Error('no')), other])).rejects.toThrow('no');
    expect(ended).toBe(true);
    expect(stop.reason).toBe('given up');
  });

  it('tell the first failure', async () => {
    const later = new Promise<void>((_, reject) => setImmediate(() => reject(new Error('second'))));
    await expect(cancellation.together([later, Promise.reject(new Error('first'))])).rejects.toThrow('first');
  });

  it('that failed leave a signal that is not aborted, for cleaning up', async () => {
    await cancellation.together([Promise.reject(new Error('no'))]).catch(() => undefined);
    expect(cancellation.stop.aborted).toBe(false);
    signal('SIGINT');
    expect(cancellation.stop.reason).toBe('cancelled');
  });

  it('that fail after a signal leave the run cancelled', async () => {
    signal('SIGINT');
    await cancellation.together([Promise.reject(new Error('no'))]).catch(() => undefined);
    expect(cancellation.stop.reason).toBe('cancelled');
  });

  it('that a signal reaches after one has failed leave the run cancelled, and not given up', async () => {
    const other = new Promise<void>((resolve) => {
      cancellation.stop.addEventListener('abort', () => {
        setImmediate(() => {
          signal('SIGINT');
          resolve();
        });
      });
    });
    await cancellation.together([Promise.reject(new Error('no')), other]).catch(() => undefined);
    expect(cancellation.stop.reason).toBe('cancelled');
  });
});

it.each(SIGNALS)('closing gives %s back to the process', (name) => {
  expect(process.listenerCount(name)).toBe(1);
  cancellation.close();
  expect(process.listenerCount(name)).toBe(0);
});
