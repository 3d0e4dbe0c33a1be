import { fold, key, release, scoped, sizeOf, uniforms, type Bijector, type Contraction, type Key } from '@impflow/core';
import { implicitBlock, residualBlock } from '@impflow/flows';
import { dense, maxMin, sequential } from '@impflow/lipschitz';
import { adam, cosine, fitToEnd } from '@impflow/training';
import { mean, square, sub, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

// This file fits one implicit block and one residual block to a map that is too steep for the residual block. A test
// checks the errors. A script draws the blocks for the documentation.

/**
 * Constants of the target map: its largest and its smallest slope, half the width of its steep part, and the width over
 * which the slope changes.
 */
const [STEEP, FLAT, HALF, BLEND] = [10, 0.1, 0.25, 0.2];
/** Interval on which the blocks are fitted to the target map. */
export const INTERVAL: readonly [number, number] = [-2, 2];
/** Cap on every dense layer. */
export const COEFF = 0.99;
/** Number of dense layers of a net. The slope of a net is at most `COEFF ** LAYERS`. */
const LAYERS = 3;
const SEED = key(1);

/**
 * Evaluates a smooth, increasing, odd map whose slope runs from 0.1 at the ends of the interval to 10 in the middle.
 */
export const target = (x: number): number =>
  FLAT * x + rise((BLEND / 2) * (logCosh((x + HALF) / BLEND) - logCosh((x - HALF) / BLEND)));
/** Returns the derivative of {@link target}. */
export const slope = (x: number): number =>
  FLAT + rise((Math.tanh((x + HALF) / BLEND) - Math.tanh((x - HALF) / BLEND)) / 2);
const rise = (share: number): number => ((STEEP - FLAT) / Math.tanh(HALF / BLEND)) * share;
const logCosh = (a: number): number => Math.abs(a) + Math.log1p(Math.exp(-2 * Math.abs(a))) - Math.LN2;

/** Returns `count` points from one end of the interval to the other. */
export const grid = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => INTERVAL[0] + (i / (count - 1)) * (INTERVAL[1] - INTERVAL[0]));

/**
 * Returns a lower bound of the largest error of any map with Lipschitz constant `lipschitz`. Between `-x` and `x`, a
 * map with Lipschitz constant `lipschitz` rises by at most `2 lipschitz x`, and the target rises by `2 target(x)`. So
 * the error at `x` or at `-x` is at least half the difference of the two rises. The function returns the maximum of
 * this bound over a grid of points.
 */
export const lowerBound = (lipschitz: number): number => Math.max(...grid(4001).map((x) => target(x) - lipschitz * x));
/** Largest possible slope of a residual block. */
export const RESIDUAL_LIPSCHITZ: number = 1 + COEFF ** LAYERS;

/**
 * Returns a one-dimensional net with two layers of `width` units whose activation sorts pairs. Sorting preserves norms,
 * so slopes near the cap can be reached.
 */
const net = (width: number, of: Key): Contraction => {
  // Input and output have one dimension, so the net may be bounded in any norm. A cap on each row of a layer is the
  // weakest cap that still bounds the product.
  const layer = (inputs: number, outputs: number, i: number) =>
    dense({
      inputs,
      outputs,
      coeff: COEFF,
      zero: i === LAYERS - 1,
      key: fold(of, i),
      norm: { domain: Infinity, codomain: Infinity, local: true },
    });
  return sequential([1], [layer(1, width, 0), maxMin(), layer(width, width, 1), maxMin(), layer(width, 1, 2)]);
};

const column = (values: ArrayLike<number>): Tensor => tensor2d(Float32Array.from(values), [values.length, 1]);

export interface Fitted {
  readonly parameters: number;
  readonly width: number;
  readonly steps: number;
  /** Returns the values of the block at the given points. */
  at(points: readonly number[]): Float32Array;
  /** Largest `|f(x) - target(x)|` on a fine grid. */
  readonly maxError: number;
  /** Root mean square of `f(x) - target(x)`. */
  readonly rms: number;
}

/**
 * Fits a block by least squares. Each step uses new random points of the interval; both kinds of blocks get the same
 * points.
 */
export const fitted = async (kind: 'implicit' | 'residual', steps: number): Promise<Fitted> => {
  // A residual block has one net, and an implicit block has two. The net of the residual block is wider, so that the
  // residual block has a few more parameters in total.
  const width = kind === 'implicit' ? 32 : 48;
  const block: Bijector =
    kind === 'implicit'
      ? implicitBlock({
          gx: net(width, fold(SEED, 0)),
          gz: net(width, fold(SEED, 1)),
          tolerance: { atol: 1e-5, rtol: 1e-5 },
        })
      : residualBlock({ g: net(width, fold(SEED, 0)) });
  const { state } = await fitToEnd({
    model: block,
    steps,
    optimizer: adam(),
    learningRate: 1e-2,
    schedule: cosine({ steps }),
    key: fold(SEED, 2),
    batch: (_step, k) => column(uniforms(k, 128).map((u) => INTERVAL[0] + u * (INTERVAL[1] - INTERVAL[0]))),
    loss: (x, k, report) =>
      mean(square(sub(block.forward(x, { key: k, train: true, report }), column(Array.from(x.dataSync(), target))))),
  });
  release(state);
  const at = (points: readonly number[]): Float32Array =>
    scoped(() => block.forward(column(points), { key: key(0) }).dataSync<'float32'>());
  const points = grid(2001);
  const values = at(points);
  const errors = points.map((x, i) => values[i]! - target(x));
  return {
    parameters: Object.values(block.parameters).reduce((total, { shape }) => total + sizeOf(shape), 0),
    width,
    steps,
    at,
    maxError: Math.max(...errors.map(Math.abs)),
    rms: Math.sqrt(errors.reduce((total, e) => total + e * e, 0) / errors.length),
  };
};
