import { wasm } from '@impflow/backend-wasm';
import { key } from '@impflow/core';
import { buildFlow, implicitResNet, tabularPreset } from '@impflow/flows';
import type { Images } from '@impflow/vision';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { classHeldOut, classified, confusion } from '../src/classifier/classified.ts';
import { arc } from '../src/density/interpolate.ts';
import { reconstruction } from '../src/density/reconstruction.ts';
import { imageEvents } from '../src/images/events.ts';
import { batched, blockRows } from '../src/measure/batched.ts';
import { modelOutputs } from '../src/measure/model-outputs.ts';
import { wilson } from '../src/measure/wilson.ts';
import { classifierLearner } from '../src/model/image-learner.ts';
import { independentPixels } from '../src/report-on.ts';

beforeAll(async () => {
  await wasm().start();
});

const images = (
  count: number,
  shape: readonly [number, number, number],
  level: (i: number) => number,
  labels?: readonly number[],
): Images => ({
  shape,
  count,
  pixels: Uint8Array.from({ length: count * shape[0] * shape[1] * shape[2] }, (_, i) => level(i)),
  source: 'a test',
  ...(labels === undefined ? {} : { labels: Uint8Array.from(labels) }),
});

it('the reconstruction errors are NaN if one number of the input is NaN', () => {
  const values = Float32Array.of(Number.NaN, 0, 1, 2);
  const rows = {
    count: 2,
    shape: [2],
    read: (from: number, count: number) => values.slice(2 * from, 2 * (from + count)),
  };
  const { max, mean } = reconstruction(buildFlow(tabularPreset({ dim: 2, blocks: 1, hidden: [8] })), rows);
  expect([max, mean]).toEqual([Number.NaN, Number.NaN]);
});

describe('independentPixels', () => {
  it('independentPixels multiplies the smoothed frequencies of the gray levels of all pixels', () => {
    const train = images(3, [1, 2, 1], (i) => [0, 10, 0, 20, 7, 10][i]!);
    const [first, second] = independentPixels(
      train,
      images(2, [1, 2, 1], (i) => [0, 10, 255, 20][i]!),
    );
    expect(first).toBeCloseTo(Math.log((3 / 259) * (3 / 259)), 12);
    expect(second).toBeCloseTo(Math.log((1 / 259) * (2 / 259)), 12);
  });

  it('the probabilities of all gray levels of a pixel under independentPixels sum to 1', () => {
    const train = images(50, [1, 1, 1], (i) => (i * 37) % 256);
    const all = independentPixels(
      train,
      images(256, [1, 1, 1], (i) => i),
    );
    expect(all.reduce((sum, logProb) => sum + Math.exp(logProb), 0)).toBeCloseTo(1, 12);
  });
});

describe('wilson', () => {
  it('`wilson` agrees with published intervals, and returns intervals between 0 and 1', () => {
    // The published intervals for 81 of 263, 15 of 148 and 0 of 20 are in table I of Newcombe, Two-sided confidence
    // intervals for the single proportion, Statistics in Medicine 17, 1998.
    expect(wilson(81, 263)).toEqual({
      mean: 81 / 263,
      low: expect.closeTo(0.2553, 4),
      high: expect.closeTo(0.3662, 4),
    });
    expect(wilson(15, 148)).toEqual({
      mean: 15 / 148,
      low: expect.closeTo(0.0624, 4),
      high: expect.closeTo(0.1605, 4),
    });
    expect(wilson(0, 20)).toEqual({ mean: 0, low: 0, high: expect.closeTo(0.1611, 4) });
    expect(wilson(20, 20).high).toBe(1);
  });
});

describe('arc', () => {
  it('`arc` rotates a vector by an angle that is proportional to its third argument, and keeps the length of the vector', () => {
    const [a, b] = [Float32Array.of(2, 0), Float32Array.of(0, 2)];
    expect([...arc(a, b, 0)]).toEqual([2, 0]);
    const third = arc(a, b, 1 / 3);
    expect(Math.atan2(third[1]!, third[0]!)).toBeCloseTo(Math.PI / 6, 6);
    expect(Math.hypot(...third)).toBeCloseTo(2, 6);
    expect([...arc(a, a, 0.5)]).toEqual([2, 0]);
  });
});

describe('batched', () => {
  it('`batched` reads images in blocks, adds noise that depends only on the index of an image, and leaks no tensors', () => {
    const set = images(100, [28, 28, 1], (i) => i % 256);
    const size = 784;
    expect(blockRows(size)).toBeLessThan(100);
    const before = memory().numTensors;
    const noised = batched(imageEvents(set, key(1)), (x) => x.clone());
    const plain = batched(imageEvents(set), (x) => x.clone());
    expect(memory().numTensors).toBe(before);
    expect([...plain]).toEqual([...set.pixels]);
    expect([...noised].map(Math.floor)).toEqual([...set.pixels]);
    expect([...noised]).toEqual([...imageEvents(set, key(1)).read(0, 100)]);
    expect(noised.slice(3 * size, 4 * size)).toEqual(imageEvents(set, key(1)).read(3, 1));
  });
});

describe('classified', () => {
  it('`classified` returns the softmax of the logits and the most probable classes', async () => {
    const set = images(9, [4, 4, 1], (i) => (i * 53) % 256, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
    const model = classifierLearner(implicitResNet({ shape: [4, 4, 1], classes: 3, widths: [4] }), { key: key(2) });
    // At the first call, layers cache values that are derived from their weights.
    await modelOutputs(model, imageEvents(set));
    const before = memory().numTensors;
    const logits = await modelOutputs(model, imageEvents(set));
    expect(memory().numTensors).toBe(before);
    const found = classified(logits, 3);
    expect(logits).toEqual(batched(imageEvents(set), (x) => model.classifier.logits(x)));
    const losses: number[] = [];
    for (let i = 0; i < 9; i++) {
      const row = logits.slice(3 * i, 3 * i + 3);
      const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
      row.forEach((logit, j) => expect(found.probabilities[3 * i + j]).toBeCloseTo(Math.exp(logit) / total, 12));
      losses.push(Math.log(total) - row[set.labels![i]!]!);
    }
    const { crossEntropy, rows, accuracy } = classHeldOut(found, set.labels!);
    expect(crossEntropy).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 9, 12);
    const counts = confusion(found, set.labels!);
    expect(counts.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([3, 3, 3]);
    expect([rows, accuracy.mean]).toEqual([9, (counts[0]![0]! + counts[1]![1]! + counts[2]![2]!) / 9]);
  });
});
