import type { Shape } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { pickImages, type Images } from '@impflow/vision';
import { batched } from '../../measure/batched.ts';
import { firstOf, valueEvents, type Events } from '../../measure/events.ts';
import { thereAndBack } from '../../measure/round-trip.ts';
import { drawSamples } from '../../model/draw-samples.ts';
import { tilesPng, type Tiles } from '../../plots/tiles.ts';

const SAMPLES = 100;
const ACROSS = 10;
const STEPS = 8;
const PAIRS = 8;
/** Pairs of lines in a picture: test images above their reconstructions. */
const BANDS = 4;

/** Gray levels with noise as bytes: rounded down, between 0 and 255. NaN becomes 0. */
export const asBytes = (values: Float32Array): Uint8Array =>
  Uint8Array.from(values, (value) => Math.max(0, Math.min(255, Math.floor(value))));

const grid = (shape: Shape, pixels: Uint8Array, columns: number, group?: number): Uint8Array =>
  tilesPng({ shape: shape as Tiles['shape'], pixels, columns, ...(group === undefined ? {} : { group }) });

/** A PNG of a hundred samples, ten by ten. */
export const samplesPicture = (flow: NormalizingFlow, seed: number): Uint8Array =>
  samplesGrid(flow.shape, drawSamples(flow, SAMPLES, { seed }));

/** A PNG of samples in a grid that is about square. */
export const samplesGrid = (shape: Shape, samples: Float32Array): Uint8Array => {
  const pixels = asBytes(samples);
  const count = pixels.length / shape.reduce((product, n) => product * n, 1);
  return grid(shape, pixels, count === SAMPLES ? ACROSS : Math.ceil(Math.sqrt(count)));
};

/**
 * A PNG of interpolations between pairs of test images, a line for each pair: eight steps on an arc through the base
 * space, ends included.
 */
export const interpolationsPicture = (flow: NormalizingFlow, test: Events): Uint8Array => {
  const some = firstOf(test, 2 * PAIRS);
  const base = batched(some, (x) => flow.encode(x));
  const { dim } = flow;
  const at = (i: number): Float32Array => base.subarray(i * dim, (i + 1) * dim);
  // A single image is interpolated with itself.
  const pairs = Math.max(1, Math.floor(some.count / 2));
  const points = new Float32Array(pairs * STEPS * dim);
  for (let pair = 0; pair < pairs; pair++) {
    const [from, to] = [at(2 * pair), at(Math.min(some.count - 1, 2 * pair + 1))];
    for (let step = 0; step < STEPS; step++) points.set(arc(from, to, step / (STEPS - 1)), (pair * STEPS + step) * dim);
  }
  return grid(flow.shape, asBytes(batched(valueEvents(points, [dim]), (z) => flow.decode(z))), STEPS);
};

/** A PNG of lines of ten test images, each above the line of their reconstructions. */
export const reconstructionsPicture = (flow: NormalizingFlow, test: Images, noised: Events): Uint8Array => {
  const count = Math.min(test.count, BANDS * ACROSS);
  const back = asBytes(thereAndBack(flow, firstOf(noised, count)));
  const size = flow.dim;
  const originals = pickImages(
    test,
    Uint32Array.from({ length: count }, (_, i) => i),
  ).pixels;
  const across = Math.min(count, ACROSS);
  const bands = Math.ceil(count / across);
  // Unused places of the last line stay white.
  const pixels = new Uint8Array(2 * bands * across * size).fill(255);
  for (let i = 0; i < count; i++) {
    const [band, column] = [Math.floor(i / across), i % across];
    pixels.set(originals.subarray(i * size, (i + 1) * size), (2 * band * across + column) * size);
    pixels.set(back.subarray(i * size, (i + 1) * size), ((2 * band + 1) * across + column) * size);
  }
  return grid(flow.shape, pixels, across, 2);
};

/**
 * Spherical interpolation from `a` to `b` at `t` in `[0, 1]`, with lengths between theirs. Points of a straight line
 * would be closer to the origin than samples of a normal density in many dimensions.
 *
 * @see Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985.
 */
export const arc = (a: Float32Array, b: Float32Array, t: number): Float32Array => {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
    ab += a[i]! * b[i]!;
  }
  const angle = Math.acos(Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))));
  const sine = Math.sin(angle);
  // For parallel vectors, or if one is zero: the straight line.
  const [from, to] = sine > 1e-6 ? [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine] : [1 - t, t];
  return a.map((value, i) => from * value + to * b[i]!);
};
