import { fold, key, release, scoped, uniforms, type Key } from '@impflow/core';
import { adam, cosine, fitToEnd, type TrainingState } from '@impflow/training';
import { add, mean, square, sub, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import type { WallCurve, WallRequest } from '../../protocol/wall.ts';
import { blocksOf, type Blocks, type Both } from './blocks.ts';
import { bound, GRID, INTERVAL, residualSlopes, target } from './target.ts';

const STEPS = 500;
const LEARNING_RATE = 0.02;
/** Number of points per training step. */
const ROWS = 64;
/**
 * Smallest fraction of the points that lie near the middle of the interval, so that a narrow steep part contains some
 * points.
 */
const MIDDLE = 0.3;
/** Minimum time between two reports of curves, in milliseconds. */
const REPORT_MS = 100;

/**
 * Fits one implicit and one residual block to the function by least squares. Both blocks are trained as one model. Adam
 * updates each weight independently, so the result equals the result of two separate fits. `report` receives curves
 * during the fit, and a last curve at the end unless `signal` aborts the fit. The fit waits for each call of `report`
 * to finish. At the end all tensors are disposed.
 *
 * @remarks The blocks receive and return numbers divided by the width of the steep part. The scaling by the width does
 * not change slopes. Because of this scaling, the nets initially bend where the function bends.
 */
export const fitBlocks = async (
  request: WallRequest,
  report: (curve: WallCurve) => unknown,
  signal: AbortSignal,
): Promise<void> => {
  const { width, coeff } = request;
  const f = target(request);
  const seed = key(request.seed);
  const blocks = blocksOf(coeff, seed);
  const curveAt = curves(request, blocks);
  let state: TrainingState | undefined;
  let reported = -Infinity;
  try {
    const result = await fitToEnd(
      {
        model: blocks.model,
        steps: STEPS,
        optimizer: adam(),
        learningRate: LEARNING_RATE,
        schedule: cosine({ steps: STEPS }),
        key: fold(seed, 2),
        signal,
        batch: (_step, k) => column(points(k, width).map((x) => x / width)),
        loss: (x, k, solved) => {
          const wanted = column(x.dataSync<'float32'>().map((value) => f(value * width) / width));
          const { implicit, residual } = blocks.forward(x, k, solved);
          return add(mean(square(sub(implicit, wanted))), mean(square(sub(residual, wanted))));
        },
      },
      async (step) => {
        ({ state } = step);
        if (signal.aborted || step.step === STEPS || performance.now() - reported < REPORT_MS) return;
        await report(curveAt(step.step));
        reported = performance.now();
      },
    );
    ({ state } = result);
    if (result.stopped === 'steps') await report(curveAt(state.step));
  } finally {
    release(state);
    blocks.dispose();
  }
};

/**
 * Returns random points of the interval, drawn by stratified sampling: one point in each of several parts of equal
 * length. With stratified points the loss varies less between steps than with independent points. Additional points lie
 * near the middle.
 */
const points = (k: Key, width: number): Float64Array => {
  const [low, high] = INTERVAL;
  const there = (2 * width) / (high - low);
  const middle = Math.round(ROWS * Math.max(0, (MIDDLE - there) / (1 - there)));
  return uniforms(k, ROWS).map((u, i) =>
    i < middle ? width * ((2 * (i + u)) / middle - 1) : low + ((high - low) * (i - middle + u)) / (ROWS - middle),
  );
};

/** Returns a function that computes the curves of both blocks after a training step. */
const curves = (request: WallRequest, blocks: Blocks): ((step: number) => WallCurve) => {
  const { width, coeff } = request;
  const wanted = GRID.map(target(request));
  const least = bound(request, residualSlopes(coeff));
  return (step) => {
    const { implicit, residual } = evaluated(blocks, width);
    return {
      x: GRID,
      target: wanted,
      implicit,
      residual,
      step,
      parameters: blocks.parameters,
      bound: least,
      largestError: { implicit: distance(implicit, wanted), residual: distance(residual, wanted) },
    };
  };
};

/** Returns the values of both blocks at the points of the grid. */
const evaluated = (blocks: Blocks, width: number): Both<Float32Array> =>
  scoped(() => {
    const { implicit, residual } = blocks.forward(column(GRID.map((x) => x / width)), key(0));
    const inUnits = (values: Tensor): Float32Array => values.dataSync<'float32'>().map((value) => value * width);
    return { implicit: inUnits(implicit), residual: inUnits(residual) };
  });

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

const column = (values: ArrayLike<number>): Tensor => tensor2d(Float32Array.from(values), [values.length, 1]);
