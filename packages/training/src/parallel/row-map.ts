import { FlowError, release, scoped, type Key, type SolveReport } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from '../learnable.ts';

/**
 * A function `[B, ...] -> [B, ...]` in float32 that maps each row of a batch separately, such as a log-density. The map
 * passes `report` to the solvers of the model's equations.
 */
export type RowMap = (rows: Tensor, key: Key, report: (report: SolveReport) => void) => Tensor;

/** A model and its row maps. */
export interface Mappable {
  /** Variables that the maps depend on. */
  readonly model: Learnable['model'];
  /** Row maps by name. */
  readonly maps: Readonly<Record<string, RowMap>>;
}

/** Result of a row map on one worker's rows, as plain data. */
export interface MappedRows {
  readonly values: Float32Array;
  /** Shape of `values`, `[rows, ...]`. */
  readonly shape: readonly number[];
  readonly reports: readonly SolveReport[];
}

/** Returns the row map with the given name. @throws `option` if no map has this name. */
export const mapNamed = (maps: Mappable['maps'], name: string): RowMap => {
  const map = maps[name];
  if (map !== undefined) return map;
  throw new FlowError('option', 'training/dataParallel', 'Unknown map', {
    expected: `one of ${Object.keys(maps).join(', ') || 'none'}`,
    got: name,
  });
};

/** Applies a map to the rows that `draw` returns, in a scope, and reads the result. */
export const rowsOf = async (map: RowMap, draw: () => Tensor, key: Key): Promise<MappedRows> => {
  const reports: SolveReport[] = [];
  const found = scoped(() => map(draw(), key, (report) => reports.push(report)));
  const values = (await found.data<'float32'>()) as Float32Array;
  const { shape } = found;
  release(found);
  return { values, shape, reports };
};

/** Concatenates the rows of all workers. The caller owns the result. */
export const joinedRows = (parts: readonly MappedRows[]): Tensor => {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return tensor(values, [parts.reduce((sum, { shape }) => sum + shape[0]!, 0), ...parts[0]!.shape.slice(1)]);
};
