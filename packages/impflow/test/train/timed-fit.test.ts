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

it('a training with a time limit, and its learning-rate schedule, end after the given seconds', () => {
  const clock = timedFit(options);
  expect([clock.isLast(), clock.schedule(0)]).toEqual([false, 1]);
  vi.advanceTimersByTime(99_000);
  expect(clock.isLast()).toBe(false);
  expect(clock.schedule(9)).toBeCloseTo(0.01);
  vi.advanceTimersByTime(1000);
  expect(clock.isLast()).toBe(true);
});

it('a training with a time limit stops early only after a validation, even if steps are slow', async () => {
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

/** Runs a validation every five seconds, which takes one second and returns the next of the given losses. */
const validated = async (clock: ReturnType<typeof timedFit>, losses: readonly number[]): Promise<void> => {
  for (const nats of losses) {
    vi.advanceTimersByTime(5000);
    await clock.watched(async () => {
      vi.advanceTimersByTime(1000);
      return { nats, standardError: 0.1 };
    })();
  }
};

it('a training with a time limit reserves time for the evaluation', async () => {
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
])(
  'a training is given up after $part of its time, if the loss expected at its end is too high',
  async ({ on, losses }) => {
    const asked: number[] = [];
    const clock = timedFit({ ...options, givesUp: (expected) => asked.push(expected) > on });
    await validated(clock, losses.slice(0, -1));
    expect(clock.isLast()).toBe(false);
    await validated(clock, losses.slice(-1));
    expect(clock.isLast()).toBe(on < 2);
    // The loss is 3 after 30 s, and 3.5 at the first validation after 15 s. The loss is 2.6 after 54 s, and 3 at the
    // first validation after 27 s.
    expect(asked).toEqual([3 - 1.5 * 0.5, 2.6 - 0.75 * 0.4].map((value) => expect.closeTo(value, 9)).slice(0, on + 1));
  },
);

it('a training that starts from good weights is not stopped early, although its loss first rises', async () => {
  const ended = async (validatesFirst: boolean): Promise<boolean> => {
    const clock = timedFit({ ...options, validatesFirst });
    await validated(clock, [1, 3, 2.8, 2.6, 2.4, 2.2, 2]);
    return clock.isLast();
  };
  expect([await ended(false), await ended(true)]).toEqual([true, false]);
});

it('a training is judged by its lowest loss if the last loss is higher, and is not given up after one validation', async () => {
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
