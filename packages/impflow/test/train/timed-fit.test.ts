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
  validatesFirst: false,
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

it.each([
  { part: 'a quarter', on: 0, losses: [5, 4, 3.5, 3.2, 3] },
  { part: 'a half', on: 1, losses: [5, 4, 3.5, 3.2, 3, 2.9, 2.8, 2.7, 2.6] },
  { part: 'no part', on: 2, losses: [5, 4, 3.5, 3.2, 3, 2.9, 2.8, 2.7, 2.6, 2.5] },
])('a training is given up after $part of its time, if its expected end is not good enough', async ({ on, losses }) => {
  const asked: number[] = [];
  const clock = timedFit({ ...options, givesUp: (expected) => asked.push(expected) > on });
  await validated(clock, losses.slice(0, -1));
  expect(clock.isLast()).toBe(false);
  await validated(clock, losses.slice(-1));
  expect(clock.isLast()).toBe(on < 2);
  // After 30 s the loss is 3, and 3.5 at the first time past 15 s. After 54 s it is 2.6, and 3 past 27 s.
  expect(asked).toEqual([3 - 1.5 * 0.5, 2.6 - 0.75 * 0.4].map((value) => expect.closeTo(value, 9)).slice(0, on + 1));
});

it('a training from good weights has time to recover', async () => {
  const ended = async (validatesFirst: boolean): Promise<boolean> => {
    const clock = timedFit({ ...options, validatesFirst });
    await validated(clock, [1, 3, 2.8, 2.6, 2.4, 2.2, 2]);
    return clock.isLast();
  };
  expect([await ended(false), await ended(true)]).toEqual([true, false]);
});

it('a training is not given up by a validation after its best, nor by its only validation', async () => {
  const asked = async (losses: readonly number[], every: number): Promise<readonly number[]> => {
    const found: number[] = [];
    const clock = timedFit({ ...options, givesUp: (expected) => found.push(expected) < 0 });
    for (const nats of losses) {
      vi.advanceTimersByTime(every);
      await clock.watched(async () => ({ nats, standardError: 0.1 }))();
    }
    return found;
  };
  expect(await asked([3, 1, 2.5], 10_000)).toEqual([1]);
  expect(await asked([3], 30_000)).toEqual([-Infinity]);
});
