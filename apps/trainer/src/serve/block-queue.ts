import { refusal } from './refusal.ts';

/** Consecutive rows of one request that are computed in one block. */
export interface Part<In> {
  readonly input: In;
  /** Index of the first row. */
  readonly first: number;
  /** Number of rows. */
  readonly count: number;
}

/** Functions and limits of a queue. */
interface Work<In, Out> {
  /** Computes the parts of a block together. Returns one result per part. */
  compute(parts: readonly Part<In>[]): readonly Out[];
  /** Cost of computing a row, in any unit. The unit must be the same for all rows. */
  costOf(input: In, row: number): number;
  /** Maximum number of rows that may wait in the queue. */
  readonly mostWaiting: number;
}

/** A queue of requests whose rows wait to be computed. */
export interface BlockQueue<In, Out> {
  /**
   * Computes `rows` rows. Returns one result per part, in the order of the rows. An aborted request throws the reason
   * of its signal immediately. The remaining rows of an aborted request are removed from the queue at the end of the
   * current block.
   *
   * @throws an error with HTTP status 503 if too many rows wait.
   */
  add(input: In, rows: number, signal: AbortSignal): Promise<readonly Out[]>;
  /** Returns the numbers of requests and rows that wait now. */
  waiting(): { readonly requests: number; readonly rows: number };
}

interface Job<In, Out> {
  readonly input: In;
  readonly rows: number;
  /** Number of rows that were computed. */
  done: number;
  readonly results: Out[];
  readonly signal: AbortSignal;
  resolve(results: readonly Out[]): void;
  reject(reason: unknown): void;
}

/**
 * Time in milliseconds that the computation of a block should take. Shorter blocks would compute fewer rows together.
 * Longer blocks would delay other requests, because the server handles no request while it computes a block.
 */
const BLOCK_MS = 50;
const COST = { first: 32, least: 8, most: 2 ** 14 } as const;

/**
 * A queue that computes the rows of several requests together, in blocks. A request that arrives while a block is
 * computed takes part in the next block. Each request gets an equal share of a block, so that a short request does not
 * wait until a long request is done. Between two blocks, the server handles other requests.
 */
export const blockQueue = <In, Out>({ compute, costOf, mostWaiting }: Work<In, Out>): BlockQueue<In, Out> => {
  let jobs: Job<In, Out>[] = [];
  let running = false;
  let budget: number = COST.first;
  const rowsWaiting = (): number => jobs.reduce((sum, { rows, done }) => sum + rows - done, 0);

  const nextBlock = (): void => {
    jobs = jobs.filter(({ signal }) => !signal.aborted);
    const { parts, cost } = shares(jobs, costOf, budget);
    if (parts.length === 0) return;
    const own = jobs.slice(0, parts.length);
    const began = performance.now();
    try {
      const results = compute(parts);
      own.forEach((job, i) => {
        job.results.push(results[i]!);
        job.done += parts[i]!.count;
        if (job.done === job.rows) job.resolve(job.results);
      });
    } catch (error) {
      // All requests of the block fail. The rows were checked before they entered the queue, so no single request is
      // the cause.
      for (const job of own) job.reject(error);
      jobs = jobs.filter((job) => !own.includes(job));
    }
    jobs = jobs.filter(({ done, rows }) => done < rows);
    budget = nextBudget(budget, { cost, milliseconds: performance.now() - began, wasFull: jobs.length > 0 });
  };
  const run = async (): Promise<void> => {
    running = true;
    while (jobs.length > 0) {
      // There is also a pause before the first block, so that requests that arrive together are computed in one block.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      nextBlock();
    }
    running = false;
  };

  return {
    waiting: () => ({ requests: jobs.length, rows: rowsWaiting() }),
    add: (input, rows, signal) =>
      new Promise((resolve, reject) => {
        if (jobs.length > 0 && rowsWaiting() + rows > mostWaiting)
          throw refusal(503, 'Too many rows wait', {
            expected: `at most ${mostWaiting}`,
            got: String(rowsWaiting() + rows),
            hint: 'Try again later.',
          });
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        jobs.push({ input, rows, done: 0, results: [], signal, resolve, reject });
        if (!running) void run();
      }),
  };
};

/**
 * Returns the rows of the next block, as parts in the order of the requests, with a total cost of at most `budget`. The
 * block has at least one row, even if the cost of this row is larger.
 */
const shares = <In, Out>(
  jobs: readonly Job<In, Out>[],
  costOf: (input: In, row: number) => number,
  budget: number,
): { readonly parts: readonly Part<In>[]; readonly cost: number } => {
  const parts: Part<In>[] = [];
  let left = budget;
  for (const [i, { input, rows, done }] of jobs.entries()) {
    let [share, count] = [left / (jobs.length - i), 0];
    while (done + count < rows) {
      const cost = costOf(input, done + count);
      // A request gets at least one row in the block if the remaining cost of the block suffices for this row.
      const isFirst = count === 0 && (i === 0 || cost <= left);
      if (cost > share && !isFirst) break;
      share -= cost;
      left -= cost;
      count++;
    }
    // The block is full, so later requests get no rows in this block.
    if (count === 0) break;
    parts.push({ input, first: done, count });
  }
  return { parts, cost: budget - left };
};

/**
 * Returns the maximum cost of the next block. Every block also takes some time that does not depend on its rows. A slow
 * block of small cost therefore does not lower the maximum.
 */
const nextBudget = (
  budget: number,
  { cost, milliseconds, wasFull }: { readonly cost: number; readonly milliseconds: number; readonly wasFull: boolean },
): number => {
  const factor = clamp(BLOCK_MS / milliseconds, 0.5, 2);
  if (factor < 1) return cost <= COST.least ? budget : Math.max(COST.least, Math.min(budget, cost) * factor);
  return wasFull ? Math.min(COST.most, budget * factor) : budget;
};

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
