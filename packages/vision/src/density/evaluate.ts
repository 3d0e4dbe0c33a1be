import type { DataParallel } from '@impflow/training';
import type { SolveStatistics } from 'impflow';
import { heldOut, solveStatistics } from 'impflow/run';
import { imageEvents, noiseKey } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { inBits, type ImageHeldOut } from '../measure/bits.ts';
import { failedSolves } from '../measure/failed-solves.ts';
import { finiteDensities, finiteErrors } from '../measure/finite.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import type { DensityLearner } from '../model/image-learner.ts';
import { reconstruction, type Reconstruction } from './reconstruction.ts';

/** How good a density is on images that it was not trained on. Plain JSON. */
export interface DensityEvaluation {
  /** Origin of the images. */
  readonly source: string;
  /** Mean of `-log p` in nats per image and in bits per dimension, with its error and the number of images. */
  readonly heldOut: ImageHeldOut;
  /** Error of `f^-1(f(x))`. */
  readonly reconstruction: Reconstruction;
  /** Statistics of the solves, by phase. */
  readonly solves: readonly SolveStatistics[];
  /** Images whose solves failed: their log-densities are wrong. Absent without such images. */
  readonly unsolved?: number;
  /** Seconds that the evaluation took. */
  readonly seconds: number;
}

/** Options of {@link evaluateDensity}. */
export interface EvaluateDensityOptions {
  /** Seed of the training: the noise of an image depends on it and on the place of the image. */
  readonly seed: number;
  /** Workers that share each block. Default: none. */
  readonly parallel?: DataParallel | undefined;
}

/**
 * Evaluates a density on images. Returns their log-densities `[images]`, in nats, too.
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
