import { FlowError, type SolveReport } from '@impflow/core';
import type { DataParallel } from '@impflow/training';
import type { SolveStatistics } from 'impflow';
import { heldOut, solveStatistics, number } from 'impflow/run';
import { imageEvents, noiseKey } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { inBits, type ImageHeldOut } from '../measure/bits.ts';
import { finiteDensities, finiteErrors } from '../measure/finite.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import type { DensityLearner } from '../model/image-learner.ts';
import { reconstruction, type Reconstruction } from './reconstruction.ts';

/** Results of a density on images that it was not trained on. The results are plain JSON. */
export interface DensityEvaluation {
  /** Origin of the images. */
  readonly source: string;
  /** Mean of `-log p` in nats per image and in bits per dimension, with its standard error and the number of images. */
  readonly heldOut: ImageHeldOut;
  /** Error of the inverse, which is the difference between `x` and `f^-1(f(x))`. */
  readonly reconstruction: Reconstruction;
  /** Statistics of the equation solves of implicit blocks, for each phase. */
  readonly solves: readonly SolveStatistics[];
  /**
   * Number of images whose solves failed. The log-densities of images with failed solves are wrong. The field is
   * undefined if every solve succeeded.
   */
  readonly unsolved?: number;
  /** Seconds that the evaluation took. */
  readonly seconds: number;
}

/** Options of {@link evaluateDensity}. */
interface EvaluateDensityOptions {
  /** Seed of the training. The noise of an image depends on this seed and on the index of the image. */
  readonly seed: number;
  /** Workers that share the computation. Default: no workers. */
  readonly parallel?: DataParallel | undefined;
}

/**
 * Evaluates a density on images. Also returns the log-densities of the images, `[images]`, in nats.
 *
 * @throws `convergence` if a log-density is not finite, or if no solve succeeded.
 */
export const evaluateDensity = async (
  learner: DensityLearner,
  images: Images,
  { seed, parallel }: EvaluateDensityOptions,
): Promise<{ readonly evaluation: DensityEvaluation; readonly logDensities: Float32Array }> => {
  const started = performance.now();
  const { flow } = learner;
  const events = imageEvents(images, noiseKey(seed, 'test'));
  const solves = solveStatistics();
  const failures = failedSolves(images.count);
  const logDensities = finiteDensities(
    await modelOutputs(learner, events, {
      parallel,
      report: (solve, first) => {
        solves.report(solve);
        failures.report(solve, first);
      },
    }),
  );
  const unsolved = failures.count();
  const error = reconstruction(flow, events, solves.report);
  finiteErrors([error.max]);
  const evaluation: DensityEvaluation = {
    source: images.source,
    heldOut: inBits(heldOut(logDensities), flow.dim),
    reconstruction: error,
    solves: solves.summary(),
    ...(unsolved === 0 ? {} : { unsolved }),
    seconds: (performance.now() - started) / 1000,
  };
  return { evaluation, logDensities };
};

/**
 * A solve that did not converge counts as failed if its residual is above this limit. If only float32 rounding prevents
 * convergence, the residual is far smaller.
 */
const FAILED = 1e-3;

/** Counts the images whose forward solves failed. */
interface FailedSolves {
  /** Records the report of a solve. `first` is the index of the first image in the block of the solve. */
  readonly report: (report: SolveReport, first?: number) => void;
  /**
   * Returns the number of images with a failed forward solve, whose log-densities are wrong.
   *
   * @throws `convergence` if every image has a failed solve.
   */
  count(): number;
}

/** Creates a counter of failed solves for `events` images. */
const failedSolves = (events: number): FailedSolves => {
  const failed = new Uint8Array(events);
  return {
    report: ({ phase, stats: { converged, residual } }, first = 0) => {
      if (phase !== 'forward') return;
      // The comparison is negated, so that a NaN residual counts as failed.
      converged.forEach((flag, i) => {
        if (flag === 0 && !(residual[i]! <= FAILED)) failed[first + i] = 1;
      });
    },
    count: () => {
      const count = failed.reduce((sum, flag) => sum + flag, 0);
      if (count === 0 || count < events) return count;
      throw new FlowError('convergence', 'vision/evaluate', 'No solve of the flow succeeded', {
        expected: `a residual of at most ${FAILED}`,
        got: `a larger residual for each of ${number(events)} images`,
        hint: 'Choose another solver, or lower the option coeff.',
      });
    },
  };
};
