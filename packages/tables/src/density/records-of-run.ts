import type { FlowSpec, NormalizingFlow, Registries } from '@impflow/flows';
import type { RecordsSpec } from '../columns/spec.ts';
import { recordFlowOf } from './record-flow.ts';
import { rowsAsRecords } from './rows-as-records.ts';
import type { RunContents } from './run-contents.ts';
import { trainedRecords, type HeldOutDensities, type TrainedRecords } from './trained-records.ts';

/** A run whose flow is built, and has its weights. */
export interface BuiltRun {
  /** Spec of a density of records, or of rows of numbers, with the estimator that the flow was built with. */
  readonly spec: RecordsSpec | FlowSpec;
  /** The flow, with its weights. */
  readonly flow: NormalizingFlow;
  /** What the run stores beside it. */
  readonly contents: RunContents;
  /** Number of held-out rows that the quantiles are of. Without it, p-values are NaN. */
  readonly heldOutRows?: number | undefined;
}

/**
 * The functions of a trained run, on records or on rows of numbers.
 *
 * @param registries As for `trainedRecords`.
 * @throws `input` for a spec of records that is none.
 */
export const recordsOfRun = (
  { spec, flow, contents, heldOutRows }: BuiltRun,
  registries?: Pick<Registries, 'logDet'>,
): TrainedRecords => {
  const { quantiles = [] } = contents;
  const rows: Pick<HeldOutDensities, 'rows'> = heldOutRows === undefined ? {} : { rows: heldOutRows };
  const heldOut = quantiles.length === 0 ? undefined : { quantiles, ...rows };
  return trainedRecords(recordFlowOf('flow' in spec ? spec : rowsAsRecords(spec, contents), flow), heldOut, registries);
};
