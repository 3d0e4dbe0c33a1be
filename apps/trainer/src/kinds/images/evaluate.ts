import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { inBits } from '../../measure/bits.ts';
import { imageEvents } from '../../measure/events.ts';
import { failedSolves } from '../../measure/failed-solves.ts';
import { finiteDensities, finiteErrors } from '../../measure/finite.ts';
import { heldOut } from '../../measure/held-out.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { reconstruction } from '../../measure/reconstruction.ts';
import { solveStatistics } from '../../measure/solve-statistics.ts';
import type { FlowModel } from '../../model/model.ts';
import { number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import type { Answer, EvaluateOptions } from '../run-commands.ts';
import { solvesTable } from '../solves-table.ts';
import { imagesFor, noiseKey } from './data.ts';
import { bitsRow, reconstructionLines } from './test-report.ts';

/** Held-out bits per dimension, reconstruction error and solver statistics of a density of images. */
export const evaluateImages = async (run: LoadedRun<FlowModel>, options: EvaluateOptions): Promise<Answer> => {
  const started = performance.now();
  const { model, checkpoint, paths } = run;
  const { flow, spec } = model;
  const images = await imagesFor(run, flow.shape, options);
  const events = imageEvents(images, noiseKey(checkpoint.seed, 'test'));
  const solves = solveStatistics();
  const failures = failedSolves(images.count);
  const densities = await modelOutputs(model, events, {
    report: (solve, first) => {
      solves.report(solve);
      failures.report(solve, first);
    },
  });
  const figures = inBits(heldOut(finiteDensities(densities)), spec.dim);
  // Called to throw if every solve failed. The count itself is not shown here.
  failures.count();
  const error = reconstruction(flow, events, solves.report);
  finiteErrors([error.max]);
  const json = {
    run: paths.folder,
    steps: checkpoint.step,
    seconds: (performance.now() - started) / 1000,
    source: images.source,
    heldOut: figures,
    reconstruction: error,
    solves: solves.summary(),
  };
  return {
    json,
    text: () => `${images.source}: ${number(images.count)} images

${table({ head: ['held-out images', 'bits per dimension', '95 % interval'], rows: [bitsRow('density', figures)] })}

${table({ rows: [['log-likelihood, nats per image', `${number(-figures.nats, 5)} ± ${number(figures.standardError, 2)}`], ...reconstructionLines(error)] })}

${solvesTable(solves.summary())}`,
  };
};
