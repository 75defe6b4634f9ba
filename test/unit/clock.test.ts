import { expect, test } from 'vitest';
import { systemClock, uptimeMs } from '../../src/clock.ts';

test('tells the time of this machine', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
});

test('tells milliseconds since the process began', () => {
  expect(Math.abs(uptimeMs() - process.uptime() * 1000)).toBeLessThan(1_000);
});

test('draws from [0, 1)', () => {
  const drawn = systemClock.random();
  expect(drawn >= 0 && drawn < 1).toBe(true);
});

test('sleeps, and wakes at once when it is told to', async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  const stop = new AbortController();
  const asleep = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await expect(asleep).rejects.toHaveProperty('name', 'AbortError');
});
