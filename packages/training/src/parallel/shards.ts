/** Rows of a batch that one worker takes. */
export interface Shard {
  readonly from: number;
  readonly count: number;
}

/** `rows` rows over `workers` workers, in order, sizes differing by at most one; fewer shards than workers where rows are few. */
export const shards = (rows: number, workers: number): readonly Shard[] => {
  const parts = Math.max(1, Math.min(rows, workers));
  const start = (i: number): number => Math.floor((i * rows) / parts);
  return Array.from({ length: parts }, (_, i) => ({ from: start(i), count: start(i + 1) - start(i) }));
};
