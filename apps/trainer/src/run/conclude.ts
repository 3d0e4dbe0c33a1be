import { writeAtomically } from '@impflow/core';
import { writeTable } from '@impflow/data';
import type { FlowSpec, NormalizingFlow } from '@impflow/flows';
import { assignVariables, preserving, withParameters, type TrainingState } from '@impflow/training';
import type { RunData } from '../dataset/resolve.ts';
import { auditLines, auditOf, summaryOf } from '../measure/audit.ts';
import { heldOut, logProbs, type HeldOut } from '../measure/held-out.ts';
import { roundTrip } from '../measure/round-trip.ts';
import { curvesPlot } from '../plots/curves.ts';
import { duration } from '../terminal/progress.ts';
import { number, table } from '../terminal/table.ts';
import type { RunPaths } from './folder.ts';
import { TIGHT } from './load.ts';
import { curvePoint, readMetrics } from './metrics.ts';
import { densityPicture, drawSamples, wholeNumbers } from './pictures.ts';
import type { Settings } from './settings.ts';

interface Conclusion {
  readonly settings: Settings;
  readonly paths: RunPaths;
  readonly flow: NormalizingFlow;
  readonly data: RunData;
  readonly spec: FlowSpec;
  readonly state: TrainingState;
  /** What a Gaussian makes of the test rows. */
  readonly gaussian: HeldOut;
  /** Seconds since the command began. */
  readonly elapsed: () => number;
}

interface Conclusions {
  readonly json: object;
  readonly text: string;
  /** The 1001 quantiles of the test rows' log-densities. */
  readonly quantiles: readonly number[];
}

/**
 * Measures the best weights of a run on its test rows and writes their pictures and samples. The flow is as before
 * afterwards: the checkpoint keeps the last weights too, to resume from.
 */
export const conclude = async (conclusion: Conclusion): Promise<Conclusions> => {
  const { flow, state: { best } } = conclusion;
  return preserving(flow.buffers, () => best === undefined ? measured(conclusion) : withParameters(flow.parameters, best.parameters, () => {
    assignVariables(flow.buffers, best.buffers);
    return measured(conclusion);
  }));
};

const measured = async ({ settings, paths, flow, data, spec, state, gaussian, elapsed }: Conclusion): Promise<Conclusions> => {
  flow.refresh(TIGHT);
  const logDensities = logProbs(flow, data.test);
  const figures = heldOut(logDensities);
  const error = roundTrip(flow, data.test, data.scaling?.scale ?? data.columns.map(() => 1));
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
    parameters: Object.values(flow.parameters).reduce((sum, parameter) => sum + parameter.size, 0), dim: spec.dim,
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

/** The 1001 quantiles of some numbers, ascending. */
const quantilesOf = (values: Float32Array): readonly number[] => {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: 1001 }, (_, i) => sorted[Math.round((i / 1000) * (sorted.length - 1))]!);
};
