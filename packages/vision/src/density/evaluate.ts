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

/** Results of a density on images that it was not trained on. Plain JSON. */
export interface DensityEvaluation {
  /** Origin of the images. */
  readonly source: string;
  /** Mean of `-log p` in nats per image and in bits per dimension, with its standard error and the number of images. */
  readonly heldOut: ImageHeldOut;
  /** Error of `f^-1(f(x))`. */
  readonly reconstruction: Reconstruction;
  /** Statistics of the solves for each phase. */
  readonly solves: readonly SolveStatistics[];
  /**
   * Number of images whose solves failed. The log-densities of these images are wrong. Absent if every solve succeeded.
   */
  readonly unsolved?: number;
  /** Seconds that the evaluation took. */
  readonly seconds: number;
}

/** Options of {@link evaluateDensity}. */
interface EvaluateDensityOptions {
  /** Seed of the training. The noise of an image depends on this seed and on the index of the image. */
  readonly seed: number;
  /** Workers that compute each block together. Default: none. */
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
 * Residual above which an unconverged solve counts as failed. A solve that misses its tolerance only because of float32
 * has a far smaller residual.
 */
const FAILED = 1e-3;

/** Counter of the events whose forward solves failed. */
interface FailedSolves {
  /** Records the report of a solve. `first` is the index of the first event of the solve's block. */
  readonly report: (report: SolveReport, first?: number) => void;
  /**
   * Number of events with a failed forward solve. Their log-densities are wrong.
   *
   * @throws `convergence` if every event has a failed solve.
   */
  count(): number;
}

/** Returns a counter for `events` events. */
const failedSolves = (events: number): FailedSolves => {
  const failed = new Uint8Array(events);
  return {
    report: ({ phase, stats: { converged, residual } }, first = 0) => {
      if (phase !== 'forward') return;
      // The comparison is negated, so that NaN counts as failed.
      converged.forEach((flag, i) => {
        if (flag === 0 && !(residual[i]! <= FAILED)) failed[first + i] = 1;
      });
    },
    count: () => {
      const count = failed.reduce((sum, flag) => sum + flag, 0);
      if (count === 0 || count < events) return count;
      throw new FlowError('convergence', 'vision/evaluate', 'No solve of the flow succeeded', {
        expected: `a residual of at most ${FAILED}`,
        got: `more for each of ${number(events)} images`,
        hint: 'Choose another solver, or lower the option coeff.',
      });
    },
  };
};
