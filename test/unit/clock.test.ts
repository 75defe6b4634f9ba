import { expect, test } from 'vitest';
import { systemClock, uptimeMs } from '../../src/clock.ts';

test('tells the time of this machine and of this process, draws from [0, 1), and sleeps until it is woken', async () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  expect(Math.abs(uptimeMs() - process.uptime() * 1000)).toBeLessThan(1_000);
  expect(Math.floor(systemClock.random())).toBe(0);
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  await expect(systemClock.sleep(60_000, AbortSignal.timeout(1))).rejects.toHaveProperty('name', 'AbortError');
});
