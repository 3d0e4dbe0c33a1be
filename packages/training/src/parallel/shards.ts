/** Consecutive rows of a batch for one worker. */
export interface Shard {
  readonly from: number;
  readonly count: number;
}

/**
 * Divides `rows` among `workers`, in order, with sizes that differ by at most one. Returns at most one shard per row.
 */
export const shards = (rows: number, workers: number): readonly Shard[] => {
  const parts = Math.max(1, Math.min(rows, workers));
  const start = (i: number): number => Math.floor((i * rows) / parts);
  return Array.from({ length: parts }, (_, i) => ({ from: start(i), count: start(i + 1) - start(i) }));
};
