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

describe('a run that no signal reaches', () => {
  it('is not aborted', () => {
    expect(cancellation.signal.aborted).toBe(false);
  });

  it('has received nothing', () => {
    expect(cancellation.received).toBeUndefined();
  });

  it('has the exit status 0', () => {
    expect(cancellation.exitStatus).toBe(0);
  });

  it('is not aborted when a hold ends', () => {
    cancellation.hold();
    cancellation.release();
    expect(cancellation.signal.aborted).toBe(false);
  });
});

describe('a signal outside the hold', () => {
  it.each(SIGNALS)('%s aborts at once', (name) => {
    signal(name);
    expect(cancellation.signal.aborted).toBe(true);
  });

  it.each(SIGNALS)('%s ends in the exit status %i', (name, status) => {
    signal(name);
    expect(cancellation.exitStatus).toBe(status);
  });

  it('is remembered even when others follow', () => {
    signal('SIGINT');
    signal('SIGTERM');
    expect(cancellation.received).toBe('SIGINT');
  });

  it('keeps a hold from beginning', () => {
    signal('SIGINT');
    expect(cancellation.hold()).toBe(false);
  });

  it('is told to nobody who asked about held signals', () => {
    let told = 0;
    cancellation.onHeld(() => told++);
    signal('SIGINT');
    expect(told).toBe(0);
  });
});

describe('a signal within the hold', () => {
  beforeEach(() => {
    expect(cancellation.hold()).toBe(true);
  });

  it.each(SIGNALS)('%s does not abort', (name) => {
    signal(name);
    expect(cancellation.signal.aborted).toBe(false);
  });

  it('is remembered', () => {
    signal('SIGTERM');
    expect(cancellation.received).toBe('SIGTERM');
  });

  it('aborts when the hold ends', () => {
    signal('SIGINT');
    cancellation.release();
    expect(cancellation.signal.aborted).toBe(true);
  });

  it('is told to whoever asked', () => {
    let told = 0;
    cancellation.onHeld(() => told++);
    signal('SIGINT');
    expect(told).toBe(1);
  });

  it('is told at once to whoever asks after it came', () => {
    signal('SIGINT');
    let told = 0;
    cancellation.onHeld(() => told++);
    expect(told).toBe(1);
  });

  it('is told once, although the runner sends SIGTERM after SIGINT', () => {
    let told = 0;
    cancellation.onHeld(() => told++);
    signal('SIGINT');
    signal('SIGTERM');
    expect(told).toBe(1);
  });

  it('is told to nobody when nobody wants to hear of it any more', () => {
    let told = 0;
    cancellation.onHeld(() => told++);
    cancellation.onHeld(undefined);
    signal('SIGINT');
    expect(told).toBe(0);
  });

  it('may end the wish to hear of it while one has come', () => {
    signal('SIGINT');
    cancellation.onHeld(undefined);
    expect(cancellation.signal.aborted).toBe(false);
  });
});

describe('a signal after the hold', () => {
  it('aborts at once', () => {
    cancellation.hold();
    cancellation.release();
    signal('SIGINT');
    expect(cancellation.signal.aborted).toBe(true);
  });

  it('is not told to those who asked within it', () => {
    let told = 0;
    cancellation.hold();
    cancellation.onHeld(() => told++);
    cancellation.release();
    signal('SIGINT');
    expect(told).toBe(0);
  });
});

describe('a signal within a second hold', () => {
  it('is not told to those who asked within the first', () => {
    let told = 0;
    cancellation.hold();
    cancellation.onHeld(() => told++);
    cancellation.release();
    cancellation.hold();
    signal('SIGINT');
    expect(told).toBe(0);
  });

  it('does not abort', () => {
    cancellation.hold();
    cancellation.release();
    cancellation.hold();
    signal('SIGINT');
    expect(cancellation.signal.aborted).toBe(false);
  });
});

describe('closing', () => {
  it.each(SIGNALS)('gives %s back to the process', (name) => {
    cancellation.close();
    expect(process.listenerCount(name)).toBe(0);
  });
});
