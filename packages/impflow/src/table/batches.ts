import { drawPermutation, fold, type Key } from '@impflow/core';
import { eventsOfRecords, type RecordsSpec } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { Settings } from '../options/settings.ts';
import { isWeighted, rowCount, type Part } from './part.ts';
import type { Sampler } from './source.ts';
import type { TableParts } from './split.ts';

/** The training batches, one for each step. */
export interface Batches {
  /** Shape of a batch: `[B, size]`, or `[B, size + 1]` with weights. */
  readonly shape: readonly [number, number];
  /** Returns the batch of a step as a flat array of the shape `shape`. The result depends only on the step number. */
  readonly rowsOfStep: (step: number) => Float32Array;
}

/** Creates the training batches from the sampler of the table, if it has one, and otherwise from the training rows. */
export const batchesOf = (
  { sampler }: TableParts,
  train: Part,
  spec: RecordsSpec,
  { batch, seed }: Pick<Settings, 'batch' | 'seed'>,
): Batches => {
  const key = runKey(seed, 'batches');
  return sampler === undefined ? tableBatches(spec, train, batch, key) : sampledBatches(sampler, batch, key);
};

/**
 * Encodes the training rows as events (input vectors of the flow) and batches them in a new random order every epoch.
 * If the rows have different weights, each event is followed by the weight of its row.
 */
export const tableBatches = (spec: RecordsSpec, train: Part, batch: number, key: Key): Batches => {
  const rows = rowCount(train);
  const events = withWeights(eventsOfRecords(spec, train.values), train);
  const width = events.length / rows;
  const perEpoch = Math.floor(rows / batch);
  let epoch = -1;
  let order: Uint32Array = new Uint32Array(0);
  return {
    shape: [batch, width],
    rowsOfStep: (step) => {
      const now = Math.floor(step / perEpoch);
      if (now !== epoch) order = drawPermutation(fold(key, now), rows);
      epoch = now;
      const out = new Float32Array(batch * width);
      const first = (step % perEpoch) * batch;
      for (let i = 0; i < batch; i++) {
        const row = order[first + i]!;
        out.set(events.subarray(row * width, (row + 1) * width), i * width);
      }
      return out;
    },
  };
};

const withWeights = (events: Float32Array, train: Part): Float32Array => {
  if (!isWeighted(train)) return events;
  const rows = rowCount(train);
  const size = events.length / rows;
  const out = new Float32Array(rows * (size + 1));
  for (let row = 0; row < rows; row++) {
    out.set(events.subarray(row * size, (row + 1) * size), row * (size + 1));
    out[row * (size + 1) + size] = train.weights[row]!;
  }
  return out;
};

/**
 * Returns batches of a sampler: each step draws new rows. An event consists of the drawn numbers and a 0. The 0 is the
 * log-probability of the categories, because a sampler draws no categories.
 */
export const sampledBatches = ({ sample, columns }: Sampler, batch: number, key: Key): Batches => {
  const d = columns.length;
  return {
    shape: [batch, d + 1],
    rowsOfStep: (step) => {
      const drawn = sample(fold(key, step), batch);
      const out = new Float32Array(batch * (d + 1));
      for (let row = 0; row < batch; row++) out.set(drawn.subarray(row * d, (row + 1) * d), row * (d + 1));
      return out;
    },
  };
};
