import { writeAtomically } from '@impflow/core';
import { inUnits, onGrid, writeTable } from '@impflow/tables';
import type { TableData } from '../../dataset/split-table.ts';
import { rowEvents } from '../../measure/events.ts';
import { failedSolves } from '../../measure/failed-solves.ts';
import { finiteDensities, finiteErrors } from '../../measure/finite.ts';
import { heldOut, logProbs, withError, withErrorOrNull, type HeldOut } from '../../measure/held-out.ts';
import { mixtureText, placedLogProbs, type PlacedMixture } from '../../measure/mixture.ts';
import { auditLines, auditOf, constructedLines, summaryOf } from '../../measure/operator-norms.ts';
import { roundTrip } from '../../measure/round-trip.ts';
import { drawSamples } from '../../model/draw-samples.ts';
import { parametersOf, type FlowModel } from '../../model/model.ts';
import { FITTED, type Settings } from '../../settings/settings.ts';
import { duration, number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import { NATS } from '../../terminal/unit.ts';
import type { FinishedTraining, TestReport } from '../plan.ts';
import { quantilesOf } from '../quantiles.ts';
import { writeCurves } from '../write-curves.ts';
import { densityPicture } from './pictures.ts';

/** Densities that the flow is compared with. */
interface Baselines {
  /** Test figures of the full-covariance Gaussian fitted to the training rows. */
  readonly gaussian: HeldOut;
  /** The Gaussian mixture fitted to the training rows, computed when called. */
  readonly mixture: () => PlacedMixture;
}

/** Evaluates a density and its rivals on the test rows, and writes pictures and samples. */
export const reportOnRows = async (
  { flow, spec }: FlowModel,
  data: TableData,
  { gaussian, mixture }: Baselines,
  { settings, paths, state, elapsed }: FinishedTraining,
): Promise<TestReport> => {
  const test = rowEvents(data.test);
  const failures = failedSolves(test.count);
  const logDensities = finiteDensities(logProbs(flow, test, failures.report));
  const failed = failures.count();
  const figures = heldOut(logDensities);
  const error = roundTrip(flow, test, data.scaling?.scale ?? data.columns.map(() => 1));
  finiteErrors([error]);
  const audit = auditOf(flow, spec);
  const samples = drawSamples(flow, 1000, { seed: settings.seed });
  await writeTable(paths.samples, {
    columns: data.columns,
    rows: 1000,
    values: inUnits(onGrid(samples, data.columns, data.dequantised), data.columns, data.offsets),
  });
  await writeCurves(paths, NATS);
  await writeAtomically(
    paths.density,
    densityPicture(flow, data.test, samples, `${data.name}: ${settings.model} flow`),
  );
  const choice = mixture();
  const mixed = heldOut(placedLogProbs(choice, data.test));
  const { components, covariance } = choice.fit;
  const seconds = elapsed();
  const { workers = 1 } = settings;
  const bestStep = state.best?.step ?? state.step;
  const json = {
    run: paths.folder,
    steps: state.step,
    bestStep,
    seconds,
    workers,
    heldOut: withErrorOrNull(figures),
    gaussian: withErrorOrNull(gaussian),
    mixture: { ...withErrorOrNull(mixed), components, covariance },
    roundTrip: error,
    ...(data.entropy === undefined ? {} : { entropy: data.entropy }),
    ...(failed === 0 ? {} : { unsolved: failed }),
    ...(audit.length === 0 ? {} : { lipschitz: summaryOf(audit) }),
    parameters: parametersOf(flow),
    dim: spec.dim,
  };
  const text = (): string => `
${table({
  head: ['held-out log-likelihood', 'nats per row'],
  rows: [
    [`${settings.model} flow, best of ${number(state.step)} steps: ${number(bestStep)}`, withError(figures)],
    ['full-covariance Gaussian', withError(gaussian)],
    [
      `Gaussian mixture, ${mixtureText(choice)} by ${choice.by === 'folds' ? 'cross-validation' : 'validation'}`,
      withError(mixed),
    ],
    ...(data.entropy === undefined ? [] : [['the distribution itself', number(-data.entropy, 5)]]),
  ],
})}
${judgement(figures, { gaussian, mixed }, settings, bestStep)}
${table({
  rows: [
    ['held-out rows', number(figures.rows)],
    ...(failed === 0 ? [] : [['held-out rows whose solves failed: their log-densities are wrong', number(failed)]]),
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(error, 2)],
    ...auditLines(audit),
    ...constructedLines(spec),
    ['time', `${duration(seconds)}${workers === 1 ? '' : `, ${workers} workers`}`],
  ],
})}

Written to ${paths.folder}: density.png, curves.png, samples.csv, metrics.jsonl, config.json, checkpoint.safetensors`;
  return { json, text, quantiles: quantilesOf(logDensities) };
};

/** Nats per row that float32 may lose. A flow that equals the mixture must not count as better. */
const ROUNDING = 1e-3;

/** Sentences on the rivals that describe the test rows at least as well as the flow. */
const judgement = (
  flow: HeldOut,
  { gaussian, mixed }: { readonly gaussian: HeldOut; readonly mixed: HeldOut },
  settings: Settings,
  bestStep: number,
): string => {
  const lines = [
    ...(flow.nats - gaussian.nats > ROUNDING
      ? ['The flow is worse than the full-covariance Gaussian on these rows.']
      : []),
    ...(mixed.nats - flow.nats > ROUNDING ? [] : [worse(settings, bestStep)]),
  ];
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
};

/** The sentence if the mixture describes the test rows at least as well. */
const worse = ({ base }: Pick<Settings, 'base'>, bestStep: number): string =>
  `The flow is not better than the Gaussian mixture on these rows.${
    base !== FITTED
      ? ` Try more --steps, or --base ${FITTED}, which begins as the mixture.`
      : bestStep === 0
        ? ' No step of the training improved on it on the validation rows: try a smaller --lr.'
        : ''
  }`;
