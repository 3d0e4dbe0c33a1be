import { cpu } from '@impflow/backend-cpu';
import { release } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import {
  clipByNorm,
  constant,
  cosine,
  ema,
  exponential,
  globalNorm,
  preserving,
  warmup,
  withParameters,
} from '@impflow/training';
import { memory, tensor, variable, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

describe('schedules', () => {
  it('schedules follow their formulas', () => {
    expect([0, 7].map(constant())).toEqual([1, 1]);
    // The published warm-up rule is min(1, (it + 1) / warmup).
    expect([0, 1, 2, 3, 4, 9].map(warmup(4))).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
    const half = cosine({ steps: 10, floor: 0.1 });
    expect([half(0), half(5), half(10), half(11)]).toEqual([
      1,
      expect.closeTo(0.55, 12),
      expect.closeTo(0.1, 12),
      expect.closeTo(0.1, 12),
    ]);
    expect(exponential({ decay: 0.5, every: 10 })(20)).toBeCloseTo(0.25, 12);
    expect([0, 1, 2, 12].map(warmup(2, cosine({ steps: 10 })))).toEqual([0.5, 1, 1, expect.closeTo(0, 12)]);
    expect([0, 1].map(warmup(0))).toEqual([1, 1]);
  });

  it('schedules refuse options out of range', () => {
    expect(() => warmup(-1)).toThrow(/training\/warmup/);
    expect(() => cosine({ steps: 0 })).toThrow(/>= 1, got 0/);
    expect(() => cosine({ steps: 3, floor: 2 })).toThrow(/floor/);
    expect(() => exponential({ decay: 0 })).toThrow(/decay/);
  });
});

describe('`clipByNorm`', () => {
  it('`clipByNorm` multiplies all gradients by one factor if their total norm exceeds the limit', () => {
    const gradients = { a: tensor([3, 0]), b: tensor([[4]]), c: tensor(12) };
    const before = memory().numTensors;
    const clipped = clipByNorm(gradients, 6.5);
    expect(clipped.norm.dataSync()[0]).toBeCloseTo(13, 5);
    expect(clipped.gradients['a']!.dataSync()[0]).toBeCloseTo(1.5, 5);
    expect(clipped.gradients['c']!.dataSync()[0]).toBeCloseTo(6, 5);
    const after = globalNorm(clipped.gradients);
    expect(after.dataSync()[0]).toBeCloseTo(6.5, 5);
    const kept = clipByNorm(gradients, 20);
    expect(Array.from(kept.gradients['b']!.dataSync())).toEqual([4]);
    const zero = { a: tensor([0, 0]) };
    const none = clipByNorm(zero, 1);
    expect(Array.from(none.gradients['a']!.dataSync())).toEqual([0, 0]);
    release([clipped, after, kept, none, zero]);
    expect(memory().numTensors).toBe(before);
    expect(() => clipByNorm(gradients, 0)).toThrow(/positive/);
    release(gradients);
  });
});

describe('ema', () => {
  it('the average of `ema` starts as a copy of the parameters, and later updates average the parameters', () => {
    const parameters = { w: variable(tensor([1, 2])) };
    const before = memory().numTensors;
    const average = ema({ decay: 0.75 });
    let values = average.update(undefined, parameters, 1);
    expect(Array.from(values['w']!.dataSync())).toEqual([1, 2]);
    const moved = tensor([5, -2]);
    parameters.w.assign(moved as never);
    moved.dispose();
    expect(Array.from(values['w']!.dataSync())).toEqual([1, 2]);
    values = average.update(values, parameters, 100);
    expect(Array.from(values['w']!.dataSync())).toEqual([2, 1]);
    release(values);
    expect(memory().numTensors).toBe(before);
    release(parameters);
  });

  it('the average of `ema` soon forgets the initial parameters, and changes only at every fourth update if `decay` is 0.99', () => {
    const parameters = { w: variable(tensor1d([1])) };
    const average = ema({ decay: 0.99 });
    const moved = tensor1d([0]);
    let values = average.update(undefined, parameters, 1);
    parameters.w.assign(moved);
    const read = (): number => values['w']!.dataSync()[0]!;
    for (const step of [2, 3]) values = average.update(values, parameters, step);
    expect(read()).toBe(1);
    values = average.update(values, parameters, 4);
    expect(read()).toBeCloseTo((5 / 14) ** 4, 6);
    const before = read();
    values = average.update(values, parameters, 1000);
    expect(read() / before).toBeCloseTo(0.99 ** 4, 6);
    release(values, parameters);
    moved.dispose();
  });

  it('`withParameters` restores the variables if the body returns, throws, or returns a promise that rejects', async () => {
    const parameters = { w: variable(tensor([1])) };
    const values = { w: tensor([9]) };
    const before = memory().numTensors;
    const read = (): number => parameters.w.dataSync()[0]!;
    expect(
      await withParameters(parameters, values, async () => {
        await new Promise(setImmediate);
        return read();
      }),
    ).toBe(9);
    expect(read()).toBe(1);
    await expect(
      withParameters(parameters, values, () => {
        throw new Error('sync');
      }),
    ).rejects.toThrow('sync');
    await expect(withParameters(parameters, values, () => Promise.reject(new Error('async')))).rejects.toThrow('async');
    expect(read()).toBe(1);
    await preserving(parameters, () => {
      parameters.w.assign(values.w as never);
    });
    expect(read()).toBe(1);
    await expect(withParameters(parameters, { other: values.w }, read)).rejects.toThrow(/lack "w"/);
    expect(read()).toBe(1);
    expect(memory().numTensors).toBe(before);
    expect(values.w.dataSync()[0]).toBe(9);
    release([parameters, values]);
  });
});
