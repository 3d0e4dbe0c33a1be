/** The consecutive rows of a batch that one worker processes. */
export interface Shard {
  readonly from: number;
  readonly count: number;
}

/**
 * Divides `rows` rows among `workers` workers, in order. The sizes of the shards differ by at most one. There are at
 * most as many shards as rows.
 */
export const shards = (rows: number, workers: number): readonly Shard[] => {
  const parts = Math.max(1, Math.min(rows, workers));
  const start = (i: number): number => Math.floor((i * rows) / parts);
  return Array.from({ length: parts }, (_, i) => ({ from: start(i), count: start(i + 1) - start(i) }));
};
