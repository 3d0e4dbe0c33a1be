import { trainedRecords, type TrainedRecords } from '@impflow/tables';
import type { TableContents } from './checkpoint/contents.ts';
import type { OpenDensity } from './open-density.ts';

/**
 * Creates the functions that score, explain, draw and fill rows, from a density and the score quantiles in its
 * checkpoint.
 */
export const trainedDensity = (
  { density, estimated }: OpenDensity,
  { quantiles, provenance }: Partial<TableContents> = {},
): TrainedRecords => {
  const rows = provenance?.rows?.test;
  const heldOut = quantiles === undefined ? undefined : { quantiles, ...(rows === undefined ? {} : { rows }) };
  return trainedRecords(density, heldOut, estimated);
};
