import type { RunCommands } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { aboutDensity } from './about.ts';
import { imagesFor } from './data.ts';
import { evaluateDensity } from './evaluate.ts';
import type { DensityRun } from './images-run.ts';
import { assertNoColumnOptions, needsColumns } from './refusals.ts';
import { sampleDensity } from './sample.ts';
import { scoreDensity } from './score.ts';
import { bitsUnit } from './unit.ts';
import { writePictures } from './write-pictures.ts';

/** Commands on a density of images. */
export const densityCommands = (run: DensityRun): RunCommands => ({
  evaluate: (options) => evaluateDensity(run, options),
  score: async (file, options) => {
    assertNoColumnOptions(options, run.paths.folder, 'images');
    return scoreDensity(run, file, options);
  },
  impute: async () => {
    throw needsColumns('impute', run.paths.folder, 'images');
  },
  sample: (options) => sampleDensity(run, options),
  plot: async (options) => {
    const { model, paths, checkpoint } = run;
    const test = await imagesFor(run, options);
    return [
      ...(await writePictures(paths, model, { test, seed: checkpoint.seed })),
      ...(await writeCurves(paths, bitsUnit(model.spec.dim))),
    ];
  },
  about: () => aboutDensity(run),
});
