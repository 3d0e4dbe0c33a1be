/** The consecutive rows of a batch that one worker processes. */
export interface Shard {
  readonly from: number;
  readonly count: number;
}

/**
 * Divides `rows` rows among `workers` workers, in order. The sizes of the shards differ by at most one. If there are
 * fewer rows than workers, each row is a shard.
 */
export const shards = (rows: number, workers: number): readonly Shard[] => {
  const parts = Math.max(1, Math.min(rows, workers));
  const start = (i: number): number => Math.floor((i * rows) / parts);
  return Array.from({ length: parts }, (_, i) => ({ from: start(i), count: start(i + 1) - start(i) }));
};
