import { FlowError } from '@impflow/core';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { classified } from '../../measure/classified.ts';
import { imageEvents } from '../../measure/events.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { auditOfClassifier } from '../../measure/operator-norms.ts';
import type { ClassifierModel } from '../../model/model.ts';
import { NATS_PER_IMAGE } from '../../terminal/unit.ts';
import { imagesFor } from '../images/data.ts';
import { assertNoColumnOptions, needsColumns } from '../refusals.ts';
import type { RunCommands } from '../run-commands.ts';
import { writeCurves } from '../write-curves.ts';
import { evaluateClasses } from './evaluate.ts';
import { labeled, classNamesOf } from './labels.ts';
import { scoreClasses } from './score.ts';
import { writeMisclassified } from './write-misclassified.ts';

/** Commands on a classifier of images. */
export const classesCommands = (run: LoadedRun<ClassifierModel>): RunCommands => ({
  evaluate: (options) => evaluateClasses(run, options),
  score: async (file, options) => {
    assertNoColumnOptions(options, run.paths.folder, 'a classifier');
    return scoreClasses(run, file, options);
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
  plot: async (options) => {
    const { model, paths } = run;
    const test = labeled(await imagesFor(run, model.classifier.shape, options));
    return [
      ...(await writeMisclassified(paths, {
        test,
        found: classified(await modelOutputs(model, imageEvents(test)), model.classifier.classes),
        classes: classNamesOf(run),
      })),
      ...(await writeCurves(paths, NATS_PER_IMAGE)),
    ];
  },
  about: () => {
    const {
      model: { classifier, spec },
    } = run;
    const classes = classNamesOf(run);
    return {
      json: { classes },
      lines: [
        ['images', classifier.shape.join(' x ')],
        ['classes', classes.join(', ')],
      ],
      model: [
        [
          'blocks',
          `${spec.stages.length} ${spec.block}, of ${spec.stages.map(({ width }) => width).join(', ')} channels`,
        ],
      ],
      bounds: [],
      audit: auditOfClassifier(classifier, spec),
    };
  },
});
