import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { byTheClock } from '../src/run/clock.ts';

beforeEach(() => { vi.useFakeTimers({ toFake: ['performance'] }); });
afterEach(() => { vi.useRealTimers(); });

const options = { seconds: 100, warmup: 0, schedule: (progress: number): number => 1 - progress, validateEvery: 500, patient: true } as const;

it('a training ends when its seconds are over, and its schedule with it', () => {
  const clock = byTheClock(options);
  expect([clock.last(1), clock.schedule(0)]).toEqual([false, 1]);
  vi.advanceTimersByTime(99_000);
  expect(clock.last(1)).toBe(false);
  expect(clock.schedule(9)).toBeCloseTo(0.01);
  vi.advanceTimersByTime(1000);
  expect(clock.last(1)).toBe(true);
});

it('impatience waits for a validation: steps may be so slow that none came in a third of the time', async () => {
  const clock = byTheClock(options);
  let nats = 2;
  const validate = clock.watched(async () => ({ nats, standardError: 0.1, rows: 10 }));
  await validate();
  vi.advanceTimersByTime(40_000);
  expect(clock.last(1)).toBe(false);
  nats = 1;
  await validate();
  expect(clock.last(1)).toBe(false);
  vi.advanceTimersByTime(40_000);
  nats = 1.5;
  await validate();
  expect(clock.last(1)).toBe(true);
});
