import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { timedFit } from '../../src/train/timed-fit.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const options = {
  seconds: 100,
  warmup: 0,
  schedule: (progress: number): number => 1 - progress,
  validateEvery: 500,
  stopsEarly: true,
} as const;

it('a timed training and its schedule end after the given seconds', () => {
  const clock = timedFit(options);
  expect([clock.isLast(), clock.schedule(0)]).toEqual([false, 1]);
  vi.advanceTimersByTime(99_000);
  expect(clock.isLast()).toBe(false);
  expect(clock.schedule(9)).toBeCloseTo(0.01);
  vi.advanceTimersByTime(1000);
  expect(clock.isLast()).toBe(true);
});

it('a timed training stops early only after a validation, even if slow steps take a third of the time', async () => {
  const clock = timedFit(options);
  let nats = 2;
  const validate = clock.watched(async () => ({ nats, standardError: 0.1, rows: 10 }));
  await validate();
  vi.advanceTimersByTime(40_000);
  expect(clock.isLast()).toBe(false);
  nats = 1;
  await validate();
  expect(clock.isLast()).toBe(false);
  vi.advanceTimersByTime(40_000);
  nats = 1.5;
  await validate();
  expect(clock.isLast()).toBe(true);
});
