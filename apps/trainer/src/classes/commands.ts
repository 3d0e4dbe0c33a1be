import { FlowError } from '@impflow/core';
import { imagesFor } from '../images/data.ts';
import type { ClassifierRun } from '../images/images-run.ts';
import { assertNoColumnOptions, needsColumns } from '../images/refusals.ts';
import type { RunCommands } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { NATS_PER_IMAGE } from '../terminal/unit.ts';
import { aboutClassifier } from './about.ts';
import { evaluateClassifier } from './evaluate.ts';
import { scoreClassifier } from './score.ts';
import { writeMisclassified } from './write-misclassified.ts';

/** Commands on a classifier of images. */
export const classifierCommands = (run: ClassifierRun): RunCommands => ({
  evaluate: (options) => evaluateClassifier(run, options),
  score: async (file, options) => {
    assertNoColumnOptions(options, run.paths.folder, 'a classifier');
    return scoreClassifier(run, file, options);
  },
  impute: async () => {
    throw needsColumns('impute', run.paths.folder, 'a classifier');
  },
  sample: async () => {
    throw new FlowError('option', 'cli', `A classifier has no samples: ${run.paths.folder}`, {
      expected: 'a run of a density',
      got: 'one of --task classify',
      hint: 'Train a density with: impflow train --preset image.',
    });
  },
  plot: async (options) => [
    ...(await writeMisclassified(run, await imagesFor(run, options))),
    ...(await writeCurves(run.paths, NATS_PER_IMAGE)),
  ],
  about: () => aboutClassifier(run),
});
