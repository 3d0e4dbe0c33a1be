import type { FlowSpec } from '@impflow/flows';
import type { RunCommands, About, Answer, EvaluateOptions } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { blocksText } from '../terminal/blocks-text.ts';
import { imagesFor } from './data.ts';
import type { DensityRun } from './images-run.ts';
import { assertNoColumnOptions, needsColumns } from './refusals.ts';
import { evaluationText } from './report-text.ts';
import { sampleDensity } from './sample.ts';
import { scoreDensity } from './score.ts';
import { solverTextFor } from './solver-text-for.ts';
import { bitsUnit } from './unit.ts';
import { writePictures } from './write-pictures.ts';

/** Commands on a density of images. */
export const densityCommands = (run: DensityRun): RunCommands => ({
  evaluate: (options) => evaluateDensity(run, options),
  score: async (file, options) => {
    assertNoColumnOptions(options, run.paths.folder, 'images');
    return scoreDensity(run, file, options);
  },
  probability: async () => {
    throw needsColumns('probability', run.paths.folder, 'images');
  },
  impute: async () => {
    throw needsColumns('impute', run.paths.folder, 'images');
  },
  drift: async () => {
    throw needsColumns('drift', run.paths.folder, 'images');
  },
  sample: (options) => sampleDensity(run, options),
  report: async () => {
    throw needsColumns('report', run.paths.folder, 'images');
  },
  plot: async (options) => {
    const { model, paths, checkpoint } = run;
    const test = await imagesFor(run, options);
    return [
      ...(await writePictures(paths, model, { test, seed: checkpoint.seed })),
      ...(await writeCurves(run, bitsUnit(model.spec.dim), 'images')),
    ];
  },
  about: () => aboutDensity(run),
});

/** Returns what `inspect` prints about a density of images. */
const aboutDensity = ({ model }: DensityRun): About => {
  const { spec, parameters, layers } = model.about();
  const { blocks, base } = spec as FlowSpec;
  return {
    json: {},
    lines: [['images', model.shape.join(' x ')]],
    model: [
      ['blocks', blocksText(blocks)],
      ['base density', base.name],
    ],
    bounds: [],
    parameters,
    audit: layers,
  };
};

/**
 * Computes the held-out bits per dimension, the reconstruction error and the solver statistics of a density of images.
 */
export const evaluateDensity = async (run: DensityRun, options: EvaluateOptions): Promise<Answer> => {
  const evaluation = await run.model.evaluate(await imagesFor(run, options));
  return {
    json: { run: run.paths.folder, steps: run.checkpoint.step, ...evaluation },
    text: () => evaluationText(evaluation, solverTextFor(run, evaluation, options)),
  };
};
