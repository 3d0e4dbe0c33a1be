import type { Images } from '@impflow/vision';
import { bitsUnit, inBits, type ImageHeldOut } from '../../measure/bits.ts';
import type { Events } from '../../measure/events.ts';
import { failedSolves } from '../../measure/failed-solves.ts';
import { finiteDensities, finiteErrors } from '../../measure/finite.ts';
import { heldOut } from '../../measure/held-out.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { auditLines, auditOf, summaryOf } from '../../measure/operator-norms.ts';
import { reconstruction } from '../../measure/reconstruction.ts';
import { solveStatistics } from '../../measure/solve-statistics.ts';
import { parametersOf, type FlowModel } from '../../model/model.ts';
import { duration, number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import type { FinishedTraining, TestReport } from '../plan.ts';
import { quantilesOf } from '../quantiles.ts';
import { writeCurves } from '../write-curves.ts';
import { writePictures } from './write-pictures.ts';

interface ImageTest {
  readonly test: Images;
  /** The test images with noise. */
  readonly events: Events;
  /** Their figures under independent pixels. */
  readonly baseline: ImageHeldOut;
}

/** Evaluates a density on its test images and draws pictures of them and of samples. */
export const reportOnImages = async (
  model: FlowModel,
  { test, events, baseline }: ImageTest,
  { settings, paths, state, elapsed, parallel }: FinishedTraining,
): Promise<TestReport> => {
  const { flow, spec } = model;
  const solves = solveStatistics();
  const failures = failedSolves(events.count);
  const logDensities = finiteDensities(
    await modelOutputs(model, events, {
      parallel,
      report: (solve, first) => {
        solves.report(solve);
        failures.report(solve, first);
      },
    }),
  );
  const failed = failures.count();
  const figures = inBits(heldOut(logDensities), spec.dim);
  const error = reconstruction(flow, events, solves.report);
  finiteErrors([error.max]);
  const audit = auditOf(flow, spec);
  await writePictures(paths, flow, { test, events, seed: settings.seed });
  await writeCurves(paths, bitsUnit(spec.dim));
  const seconds = elapsed();
  const { workers = 1, memory = 'keep' } = settings;
  const bestStep = state.best?.step ?? state.step;
  const json = {
    run: paths.folder,
    steps: state.step,
    bestStep,
    seconds,
    workers,
    memory,
    heldOut: figures,
    baseline: { name: 'independent pixels', ...baseline },
    reconstruction: error,
    solves: solves.summary(),
    ...(failed === 0 ? {} : { unsolved: failed }),
    ...(audit.length === 0 ? {} : { lipschitz: summaryOf(audit) }),
    parameters: parametersOf(flow),
    dim: spec.dim,
    shape: spec.shape,
  };
  const text = (): string => `
${table({
  head: ['held-out images', 'bits per dimension', '95 % interval'],
  rows: [
    bitsRow(`${settings.model} flow, best of ${number(state.step)} steps: ${number(bestStep)}`, figures),
    bitsRow('independent pixels', baseline),
  ],
})}

${table({
  rows: [
    ['held-out images', number(figures.rows)],
    ...(failed === 0 ? [] : [['held-out images whose solves failed: their log-densities are wrong', number(failed)]]),
    ...reconstructionLines(error),
    ...auditLines(audit),
    ['time', `${duration(seconds)}${workers === 1 ? '' : `, ${workers} workers`}`],
  ],
})}

Written to ${paths.folder}: samples.png, interpolations.png, reconstructions.png, curves.png, metrics.jsonl, config.json, checkpoint.safetensors`;
  return { json, text, quantiles: quantilesOf(logDensities) };
};

/** Cells of one line of the table of bits per dimension. */
export const bitsRow = (name: string, { bitsPerDim: { mean, low, high } }: ImageHeldOut): readonly string[] => [
  name,
  number(mean, 4),
  `${number(low, 4)} to ${number(high, 4)}`,
];

/** The line of the reconstruction error. */
export const reconstructionLines = ({
  max,
  mean,
  images,
}: ReturnType<typeof reconstruction>): readonly (readonly string[])[] => [
  [
    `reconstruction |x - f⁻¹(f(x))| / 256 over ${number(images)} images`,
    `${number(max, 2)} at most, ${number(mean, 2)} on average`,
  ],
];
