import type { Answer, EvaluateOptions } from '../kinds/answer.ts';
import { imagesFor } from './data.ts';
import type { DensityRun } from './images-run.ts';
import { evaluationText } from './report-text.ts';

/** Held-out bits per dimension, reconstruction error and solver statistics of a density of images. */
export const evaluateDensity = async (run: DensityRun, options: EvaluateOptions): Promise<Answer> => {
  const evaluation = await run.model.evaluate(await imagesFor(run, options));
  return {
    json: { run: run.paths.folder, steps: run.checkpoint.step, ...evaluation },
    text: () => evaluationText(evaluation),
  };
};
