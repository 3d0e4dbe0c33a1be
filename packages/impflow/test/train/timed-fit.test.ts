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
  evaluation: 0,
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

/** Runs validations of a second, every five seconds, with these losses. */
const validated = async (clock: ReturnType<typeof timedFit>, losses: readonly number[]): Promise<void> => {
  for (const nats of losses) {
    vi.advanceTimersByTime(5000);
    await clock.watched(async () => {
      vi.advanceTimersByTime(1000);
      return { nats, standardError: 0.1 };
    })();
  }
};

it('a timed training leaves time for the evaluation', async () => {
  const clock = timedFit({ ...options, evaluation: 15 });
  await validated(clock, [1]);
  vi.advanceTimersByTime(78_000);
  expect([clock.isLast(), clock.isIdle()]).toEqual([false, false]);
  vi.advanceTimersByTime(1500);
  expect(clock.isLast()).toBe(true);
});

it('a training is given up after a quarter of its time, if its expected end is not good enough', async () => {
  const asked: number[] = [];
  const judged = (givesUp: boolean): ReturnType<typeof timedFit> =>
    timedFit({
      ...options,
      givesUp: (expected) => {
        asked.push(expected);
        return givesUp;
      },
    });
  for (const givesUp of [true, false]) {
    const clock = judged(givesUp);
    await validated(clock, [5, 4, 3.5, 3.2]);
    expect([clock.isLast(), asked.length]).toEqual([false, givesUp ? 0 : 1]);
    await validated(clock, [3]);
    expect(clock.isLast()).toBe(givesUp);
    await validated(clock, [2.9]);
  }
  // After 30 s the loss is 3. After 18 s, the first time past the half, it was 3.5.
  expect(asked).toEqual([3 - 0.75 * 0.5, 3 - 0.75 * 0.5]);
});
