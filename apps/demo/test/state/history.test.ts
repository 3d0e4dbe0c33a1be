import { describe, expect, it } from 'vitest';
import { emptyRecorder, judged, recorded } from '../../src/state/history.ts';

const steps = (from: number, count: number, loss: (step: number) => number) =>
  Array.from({ length: count }, (_, i) => ({ step: from + i, loss: loss(from + i), seconds: 0.01 }));

describe('the loss curve', () => {
  it('the loss curve contains every training step if there are few steps', () => {
    const { history } = recorded(
      emptyRecorder,
      steps(1, 5, (step) => step * step),
    );
    expect(history.steps).toEqual([1, 2, 3, 4, 5]);
    expect(history.losses).toEqual([1, 4, 9, 16, 25]);
  });

  it('after a million steps the loss curve has at most 1,600 points, each the mean loss of several steps', () => {
    let recorder = emptyRecorder;
    const count = 1_000_000;
    for (let from = 1; from <= count; from += 1000)
      recorder = recorded(
        recorder,
        steps(from, 1000, (step) => step),
      );
    const {
      history: { steps: at, losses },
      stride,
    } = recorder;
    expect(at.length).toBeLessThanOrEqual(1600);
    expect(at.length).toBeGreaterThan(700);
    // The loss of step n is n. A point of the curve is the mean loss of the steps from `step - stride + 1` to `step`.
    for (const [i, step] of at.entries()) expect(losses[i]).toBeCloseTo(step - (stride - 1) / 2, 6);
    expect(at.every((step, i) => i === 0 || step === at[i - 1]! + stride)).toBe(true);
  });

  it('the loss curve does not depend on how the reports of steps are grouped in messages', () => {
    const all = steps(1, 5000, (step) => Math.sin(step));
    const whole = recorded(emptyRecorder, all);
    let bit = emptyRecorder;
    for (let i = 0; i < all.length; i += 7) bit = recorded(bit, all.slice(i, i + 7));
    expect(bit.history.steps).toEqual(whole.history.steps);
    expect(bit.history.losses).toEqual(whole.history.losses);
  });

  it('the loss curve contains every step once, even if steps were repeated after a worker died', () => {
    let recorder = recorded(
      emptyRecorder,
      steps(1, 50, () => 1),
    );
    recorder = recorded(
      recorder,
      steps(31, 5, () => 2),
    );
    recorder = recorded(
      recorder,
      steps(36, 5, () => 3),
    );
    expect(recorder.history.steps).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(recorder.history.losses.slice(29)).toEqual([1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
    // A point can be the mean of several steps. If steps are repeated from the middle of a point, this point is
    // replaced too.
    let long = recorded(
      emptyRecorder,
      steps(1, 5000, (step) => step),
    );
    const { stride } = long;
    expect(stride).toBeGreaterThan(1);
    long = recorded(
      long,
      steps(4002, 500, (step) => step),
    );
    const { steps: at } = long.history;
    expect(at.every((step, i) => i === 0 || step > at[i - 1]!)).toBe(true);
    expect(at.at(-1)).toBeLessThan(4502);
    expect(at.at(-1)).toBeGreaterThan(4501 - 2 * stride);
  });

  it('a history keeps a limited number of held-out results, sorted by step, and only the last result of each step', () => {
    let recorder = emptyRecorder;
    for (let step = 0; step < 5000; step++) recorder = judged(recorder, { step, nats: step, standardError: 0 });
    recorder = judged(recorder, { step: 4999, nats: -1, standardError: 0 });
    const { heldOut } = recorder.history;
    expect(heldOut.length).toBeLessThanOrEqual(401);
    expect(heldOut.at(-1)).toEqual({ step: 4999, nats: -1, standardError: 0 });
    expect(heldOut.every(({ step }, i) => i === 0 || step > heldOut[i - 1]!.step)).toBe(true);
  });
});
