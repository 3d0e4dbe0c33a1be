import { writeAtomically } from '@impflow/core';
import { writeTable } from '@impflow/data';
import type { TableData } from '../../dataset/tables.ts';
import { auditLines, auditOf, summaryOf } from '../../measure/audit.ts';
import { rowEvents } from '../../measure/events.ts';
import { heldOut, logProbs, type HeldOut } from '../../measure/held-out.ts';
import { roundTrip } from '../../measure/round-trip.ts';
import { curvesPlot } from '../../plots/curves.ts';
import { curvePoint, readMetrics } from '../../run/metrics.ts';
import { parametersOf, type FlowModel } from '../../run/model.ts';
import { drawSamples } from '../../run/samples.ts';
import { duration } from '../../terminal/progress.ts';
import { number, table } from '../../terminal/table.ts';
import type { Conclusions, Outcome } from '../plan.ts';
import { quantilesOf } from '../quantiles.ts';
import { densityPicture, wholeNumbers } from './pictures.ts';

/** Measures a density on its test rows and writes their pictures and samples. `gaussian`: what a Gaussian makes of them. */
export const concludeRows = async ({ flow, spec }: FlowModel, data: TableData, gaussian: HeldOut, { settings, paths, state, elapsed }: Outcome): Promise<Conclusions> => {
  const test = rowEvents(data.test);
  const logDensities = logProbs(flow, test);
  const figures = heldOut(logDensities);
  const error = roundTrip(flow, test, data.scaling?.scale ?? data.columns.map(() => 1));
  const audit = auditOf(flow, spec);
  const samples = drawSamples(flow, 1000, { seed: settings.seed });
  await writeTable(paths.samples, { columns: data.columns, rows: 1000, values: wholeNumbers(samples, data) });
  await writeAtomically(paths.curves, curvesPlot((await readMetrics(paths)).map(curvePoint)));
  await writeAtomically(paths.density, densityPicture(flow, data.test, samples, `${data.name}: ${settings.model} flow`));
  const seconds = elapsed();
  const { workers = 1 } = settings;
  const bestStep = state.best?.step ?? state.step;
  const json = {
    run: paths.folder, steps: state.step, bestStep, seconds, workers, heldOut: figures, gaussian, roundTrip: error,
    ...(data.entropy === undefined ? {} : { entropy: data.entropy }),
    ...(audit.length === 0 ? {} : { lipschitz: summaryOf(audit) }),
    parameters: parametersOf(flow), dim: spec.dim,
  };
  const score = ({ nats, standardError }: HeldOut): string => `${number(-nats, 5)} ± ${number(standardError, 2)}`;
  const text = `
${table({ head: ['held-out log-likelihood', 'nats per row'], rows: [
    [`${settings.model} flow, best of ${number(state.step)} steps: ${number(bestStep)}`, score(figures)],
    ['full-covariance Gaussian', score(gaussian)],
    ...(data.entropy === undefined ? [] : [['the distribution itself', number(-data.entropy, 5)]]),
  ] })}

${table({ rows: [
    ['held-out rows', number(figures.rows)],
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(error, 2)],
    ...auditLines(audit),
    ['time', `${duration(seconds)}${workers === 1 ? '' : `, ${workers} workers`}`],
  ] })}

Written to ${paths.folder}: density.png, curves.png, samples.csv, metrics.jsonl, config.json, checkpoint.safetensors`;
  return { json, text, quantiles: quantilesOf(logDensities) };
};
