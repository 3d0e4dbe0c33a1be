import { FlowError, release, scoped, type Key, type SolveReport } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from '../fit-options.ts';

/** A function of each row of a batch, `[B, ...] -> [B, ...]` in float32: a density, a sample. The solves inside are told to `report`. */
export type RowMap = (rows: Tensor, key: Key, report: (report: SolveReport) => void) => Tensor;

/** A model and functions of its rows, by name. */
export interface Mappable {
  readonly model: Learnable['model'];
  readonly maps: Readonly<Record<string, RowMap>>;
}

/** What one worker found at its rows, as it travels. */
export interface MappedRows {
  readonly values: Float32Array;
  /** `[rows, ...]`. */
  readonly shape: readonly number[];
  readonly reports: readonly SolveReport[];
}

/** @throws `option` for a name that is not among the maps. */
export const mapNamed = (maps: Mappable['maps'], name: string): RowMap => {
  const map = maps[name];
  if (map !== undefined) return map;
  throw new FlowError('option', 'training/dataParallel', 'Unknown map', { expected: `one of ${Object.keys(maps).join(', ') || 'none'}`, got: name });
};

/** The map at some rows, `draw`n in a scope. */
export const rowsOf = async (map: RowMap, draw: () => Tensor, key: Key): Promise<MappedRows> => {
  const reports: SolveReport[] = [];
  const found = scoped(() => map(draw(), key, (report) => reports.push(report)));
  const values = await found.data<'float32'>() as Float32Array;
  const { shape } = found;
  release(found);
  return { values, shape, reports };
};

/** The rows of all workers, one after the other. Belongs to the caller. */
export const joinedRows = (parts: readonly MappedRows[]): Tensor => {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return tensor(values, [parts.reduce((sum, { shape }) => sum + shape[0]!, 0), ...parts[0]!.shape.slice(1)]);
};
