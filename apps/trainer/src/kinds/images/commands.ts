import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { bitsUnit } from '../../measure/bits.ts';
import { imageEvents } from '../../measure/events.ts';
import type { FlowModel } from '../../model/model.ts';
import { describeFlow } from '../describe-flow.ts';
import { assertNoColumnOptions, needsColumns } from '../refusals.ts';
import type { RunCommands } from '../run-commands.ts';
import { writeCurves } from '../write-curves.ts';
import { imagesFor, noiseKey } from './data.ts';
import { evaluateImages } from './evaluate.ts';
import { sampleImages } from './sample.ts';
import { scoreImages } from './score.ts';
import { writePictures } from './write-pictures.ts';

/** Commands on a density of images. */
export const imagesCommands = (run: LoadedRun<FlowModel>): RunCommands => ({
  evaluate: (options) => evaluateImages(run, options),
  score: async (file, options) => {
    assertNoColumnOptions(options, run.paths.folder, 'images');
    return scoreImages(run, file, options);
  },
  impute: async () => {
    throw needsColumns('impute', run.paths.folder, 'images');
  },
  sample: (options) => sampleImages(run, options),
  plot: async (options) => {
    const {
      model: { flow },
      paths,
      checkpoint: { seed },
    } = run;
    const test = await imagesFor(run, flow.shape, options);
    return [
      ...(await writePictures(paths, flow, { test, events: imageEvents(test, noiseKey(seed, 'test')), seed })),
      ...(await writeCurves(paths, bitsUnit(flow.dim))),
    ];
  },
  about: () => ({ json: {}, lines: [['images', run.model.flow.shape.join(' x ')]], ...describeFlow(run.model) }),
});
