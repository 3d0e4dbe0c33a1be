import { writeAtomically } from '@impflow/core';
import { writeFrame, frameOfValues } from '@impflow/tables';
import type { RecordData } from '../../dataset/split-records.ts';
import { failedSolves } from '../../measure/failed-solves.ts';
import { finiteDensities } from '../../measure/finite.ts';
import { heldOut, withError, withErrorOrNull, type HeldOut } from '../../measure/held-out.ts';
import { auditLines, auditOf, constructedLines, summaryOf } from '../../measure/operator-norms.ts';
import { logProbsOfRecords } from '../../measure/record-densities.ts';
import { parametersOf, type RecordsModel } from '../../model/model.ts';
import { duration, number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import { NATS } from '../../terminal/unit.ts';
import type { FinishedTraining, TestReport } from '../plan.ts';
import { quantilesOf } from '../quantiles.ts';
import { writeCurves } from '../write-curves.ts';
import { drawnLike } from './draws.ts';
import { recordsPicture } from './pictures.ts';

/** Test figures of densities that the flow is compared with, and what was done after the training. */
interface Rivals {
  /** Linear regression on the conditions and categories, with normal residuals. */
  readonly gaussian: HeldOut;
  /** The same with residuals of a Gaussian mixture, as which the flow began. Absent with another base. */
  readonly mixture: HeldOut | undefined;
  /** Factor of the standard deviations of the base by the validation rows. Absent with another base. */
  readonly spread: number | undefined;
}

/** Rows of samples.csv and of the picture. */
const SAMPLES = 1000;

/** Evaluates a density of records and its rivals on the test rows, and writes pictures and samples. */
export const reportOnRecords = async (
  model: RecordsModel,
  data: RecordData,
  { gaussian, mixture, spread }: Rivals,
  { settings, paths, state, elapsed }: FinishedTraining,
): Promise<TestReport> => {
  const { spec, records } = model;
  const { values, weights } = data.test;
  const failures = failedSolves(values.rows);
  const logDensities = finiteDensities(logProbsOfRecords(model, values, failures.report));
  const failed = failures.count();
  const figures = heldOut(logDensities, weights);
  const audit = auditOf(records.flow, spec.flow);
  const samples = drawnLike(records, values, SAMPLES, settings.seed);
  await writeFrame(paths.samples, frameOfValues(samples, spec.columns, 'samples'));
  await writeCurves(paths, NATS);
  await writeAtomically(
    paths.density,
    recordsPicture(records, values, samples, `${data.name}: ${settings.model} flow`),
  );
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
    regression: withErrorOrNull(gaussian),
    ...(mixture === undefined ? {} : { mixture: withErrorOrNull(mixture) }),
    ...(spread === undefined ? {} : { spread }),
    ...(failed === 0 ? {} : { unsolved: failed }),
    ...(audit.length === 0 ? {} : { lipschitz: summaryOf(audit) }),
    parameters: parametersOf(records.flow),
    dim: spec.flow.dim,
    context: records.layout.contextSize,
    gaps: data.gaps,
  };
  const text = (): string => `
${table({
  head: ['held-out log-likelihood', 'nats per row'],
  rows: [
    [`${settings.model} flow, best of ${number(state.step)} steps: ${number(bestStep)}`, withError(figures)],
    ['linear regression, normal residuals', withError(gaussian)],
    ...(mixture === undefined ? [] : [['linear regression, residuals of a Gaussian mixture', withError(mixture)]]),
  ],
})}
${figures.nats < Math.min(gaussian.nats, mixture?.nats ?? Infinity) ? '' : '\nThe flow is not better than the regression on these rows: try more rows or more --seconds.\n'}
${table({
  rows: [
    ['held-out rows', number(figures.rows)],
    ...(spread === undefined || spread === 1
      ? []
      : [['standard deviations of the base, by the validation rows', `× ${number(spread, 3)}`]]),
    ...(failed === 0 ? [] : [['held-out rows whose solves failed: their log-densities are wrong', number(failed)]]),
    ...auditLines(audit),
    ...constructedLines(spec.flow),
    ['time', `${duration(seconds)}${workers === 1 ? '' : `, ${workers} workers`}`],
  ],
})}

Written to ${paths.folder}: density.png, curves.png, samples.csv, metrics.jsonl, config.json, checkpoint.safetensors`;
  return { json, text, quantiles: quantilesOf(logDensities) };
};
