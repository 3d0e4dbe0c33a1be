import { buildFlow, type BuildOptions, type CallOptions, type NormalizingFlow } from '@impflow/flows';
import { add, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import { encodeRows } from '../columns/encode.ts';
import { layoutOf, type Layout } from '../columns/layout.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { assertRecordsSpec } from './assert-records-spec.ts';
import { logCategoriesOf } from './log-categories.ts';

/**
 * A normalizing flow for records (rows of numbers and categories). A record is encoded as an event `[d + m + 1]`: its
 * target numbers, its context, and the log-probability of its categories. So a batch of records is one tensor.
 */
export interface RecordFlow {
  /** Spec of the density, as JSON: the columns, the tree of categories and the flow. */
  readonly spec: RecordsSpec;
  /** The conditional flow of the target numbers. */
  readonly flow: NormalizingFlow;
  /** Positions of the columns in the encoding of a record. */
  readonly layout: Layout;
  /** Number of entries of an event: `d + m + 1`. */
  readonly size: number;
  /** Returns `log p` of events, `[B, d + m + 1] -> [B]`, in nats. Differentiable. */
  logProb(events: Tensor, options?: CallOptions): Tensor;
  /** Converts records to events, `[rows, d + m + 1]`, float32. Entries of a missing cell are NaN. */
  eventsOf(values: Values): Float32Array;
}

/**
 * Builds the flow that a spec describes, with newly initialized parameters.
 *
 * @throws all errors of `assertRecordsSpec` and `buildFlow`.
 */
export const recordFlow = (spec: RecordsSpec, options: BuildOptions = {}): RecordFlow => {
  assertRecordsSpec(spec);
  const flow = buildFlow(spec.flow, options);
  const layout = layoutOf(spec);
  const [d, m] = [layout.numbers.length, layout.contextSize];
  return {
    spec,
    flow,
    layout,
    size: d + m + 1,
    logProb: (events, call = {}) => {
      const rows = events.shape[0]!;
      const part = (first: number, width: number): Tensor => slice(events, [0, first], [rows, width]);
      // The context of a record, its conditions and categories, is the field `condition` of a call.
      const numbers = flow.logProb(part(0, d), m === 0 ? call : { ...call, condition: part(d, m) });
      // If the spec has no tree of categories, the log-probability of the categories is 0.
      return spec.tree === undefined ? numbers : add(numbers, reshape(part(d + m, 1), [rows]));
    },
    eventsOf: (values) => eventsOfRecords(spec, values),
  };
};

/**
 * Converts records to the events of the flow that a spec describes, `[rows, d + m + 1]`, float32: see {@link
 * RecordFlow}. Entries of a missing cell are NaN.
 */
export const eventsOfRecords = (spec: RecordsSpec, values: Values): Float32Array => {
  const layout = layoutOf(spec);
  const [d, m] = [layout.numbers.length, layout.contextSize];
  const size = d + m + 1;
  const { numbers, context } = encodeRows(values, layout);
  const categories = logCategoriesOf(spec, values);
  const events = new Float32Array(values.rows * size);
  for (let row = 0; row < values.rows; row++) {
    events.set(numbers.subarray(row * d, (row + 1) * d), row * size);
    events.set(context.subarray(row * m, (row + 1) * m), row * size + d);
    events[row * size + d + m] = categories[row]!;
  }
  return events;
};
