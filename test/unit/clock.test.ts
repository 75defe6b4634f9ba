import { expect, test } from 'vitest';
import { systemClock, uptimeMs } from '../../src/clock.ts';

test('tells the time of this machine and of this process, and draws from [0, 1)', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  expect(Math.abs(uptimeMs() - process.uptime() * 1000)).toBeLessThan(1_000);
  expect(Math.floor(systemClock.random())).toBe(0);
});

test('sleeps, and wakes at once when it is told to', async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  const stop = new AbortController();
  const asleep = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await expect(asleep).rejects.toHaveProperty('name', 'AbortError');
});
