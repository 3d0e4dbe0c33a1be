import { imagesFor } from '../images/data.ts';
import type { ClassifierRun } from '../images/images-run.ts';
import type { Answer, EvaluateOptions } from '../kinds/answer.ts';
import { evaluationText } from './report-text.ts';

/** Held-out accuracy, cross-entropy and mistakes of a classifier. */
export const evaluateClassifier = async (run: ClassifierRun, options: EvaluateOptions): Promise<Answer> => {
  const evaluation = await run.model.evaluate(await imagesFor(run, options));
  return {
    json: { run: run.paths.folder, steps: run.checkpoint.step, ...evaluation },
    text: () => evaluationText(evaluation),
  };
};
