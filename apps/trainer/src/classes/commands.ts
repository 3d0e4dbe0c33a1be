import { FlowError } from '@impflow/core';
import { imagesFor } from '../images/data.ts';
import type { ClassifierRun } from '../images/images-run.ts';
import { assertNoColumnOptions, needsColumns } from '../images/refusals.ts';
import { solverTextFor } from '../images/solver-text-for.ts';
import type { RunCommands, About, Answer, EvaluateOptions } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { NATS_PER_IMAGE } from '../terminal/unit.ts';
import { evaluationText } from './report-text.ts';
import { scoreClassifier } from './score.ts';
import { writeMisclassified } from './write-misclassified.ts';

/** Commands on a classifier of images. */
export const classifierCommands = (run: ClassifierRun): RunCommands => ({
  evaluate: (options) => evaluateClassifier(run, options),
  score: async (file, options) => {
    assertNoColumnOptions(options, run.paths.folder, 'a classifier');
    return scoreClassifier(run, file, options);
  },
  probability: async () => {
    throw needsColumns('probability', run.paths.folder, 'a classifier');
  },
  impute: async () => {
    throw needsColumns('impute', run.paths.folder, 'a classifier');
  },
  drift: async () => {
    throw needsColumns('drift', run.paths.folder, 'a classifier');
  },
  sample: async () => {
    throw new FlowError('option', 'cli', `A classifier cannot draw samples: ${run.paths.folder}`, {
      expected: 'a run of a density',
      got: 'one of --task classify',
      hint: 'Train a density with: impflow train --preset image.',
    });
  },
  report: async () => {
    throw needsColumns('report', run.paths.folder, 'a classifier');
  },
  plot: async (options) => [
    ...(await writeMisclassified(run, await imagesFor(run, options))),
    ...(await writeCurves(run, NATS_PER_IMAGE, 'images')),
  ],
  about: () => aboutClassifier(run),
});

/** Returns what `inspect` prints about a classifier. */
const aboutClassifier = ({ model }: ClassifierRun): About => {
  const { classes, spec, shape } = model;
  const { parameters, layers } = model.about();
  const widths = spec.stages.map(({ width }) => width).join(', ');
  return {
    json: { classes },
    lines: [
      ['images', shape.join(' x ')],
      ['classes', classes.join(', ')],
    ],
    model: [['blocks', `${spec.stages.length} ${spec.block}, of ${widths} channels`]],
    bounds: [],
    parameters,
    audit: layers,
  };
};

/** Computes the held-out accuracy, the cross-entropy and the confusion matrix of a classifier. */
export const evaluateClassifier = async (run: ClassifierRun, options: EvaluateOptions): Promise<Answer> => {
  const evaluation = await run.model.evaluate(await imagesFor(run, options));
  return {
    json: { run: run.paths.folder, steps: run.checkpoint.step, ...evaluation },
    text: () => evaluationText(evaluation, solverTextFor(run, evaluation, options)),
  };
};
