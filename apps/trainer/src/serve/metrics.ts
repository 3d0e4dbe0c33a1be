import type { ReferenceQuantiles } from '@impflow/tables';
import { kolmogorovSmirnov } from 'impflow/run';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BlockQueue } from './block-queue.ts';

/** Metrics of the server, for Prometheus. */
export interface Metrics {
  /** Counts a response, and records the time from the request to the response. */
  answered(route: string, status: number, seconds: number): void;
  /** Counts one block of a route, and the rows that were computed in this block. */
  computed(route: string, rows: number): void;
  /** Adds the log-densities of scored rows without gaps to the rows that the metric of drift compares. */
  scored(logDensities: Iterable<number>): void;
  /** Adds metrics for the requests and rows that wait in a queue. */
  watch(route: string, queue: Pick<BlockQueue<unknown, unknown>, 'waiting'>): void;
  /** Returns the metrics in the text format of Prometheus, with the content type of this text. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
  /** Returns the numbers of requests and rows so far. */
  totals(): { readonly requests: number; readonly rows: number };
}

/** Upper bounds of the buckets in the histogram of response times, in seconds. */
const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** Numbers of scored rows that the metric of drift compares with the held-out rows. */
const COMPARED = { least: 100, most: 1000 } as const;

/**
 * Makes the metrics of one server. Two servers in one process have separate metrics.
 *
 * @param heldOut Log-densities of the held-out rows. Without them, there is no metric of drift.
 */
export const serverMetrics = (heldOut?: ReferenceQuantiles): Metrics => {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const requests = new Counter({
    name: 'impflow_requests_total',
    help: 'Answered requests',
    labelNames: ['route', 'status'] as const,
    registers,
  });
  const times = new Histogram({
    name: 'impflow_request_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['route'] as const,
    buckets: SECONDS,
    registers,
  });
  const rows = new Counter({
    name: 'impflow_rows_total',
    help: 'Rows scored, explained or drawn',
    labelNames: ['route'] as const,
    registers,
  });
  const blocks = new Counter({
    name: 'impflow_blocks_total',
    help: 'Blocks that rows were computed in',
    labelNames: ['route'] as const,
    registers,
  });
  const queues = new Map<string, Pick<BlockQueue<unknown, unknown>, 'waiting'>>();
  for (const what of ['requests', 'rows'] as const) {
    // The constructor of `Gauge` registers the metric.
    void new Gauge({
      name: `impflow_queue_${what}`,
      help: `${what === 'requests' ? 'Requests' : 'Rows'} that wait to be computed`,
      labelNames: ['route'] as const,
      registers,
      collect() {
        for (const [route, queue] of queues) this.set({ route }, queue.waiting()[what]);
      },
    });
  }
  /** The log-densities of the last scored rows. */
  let last: number[] = [];
  if (heldOut?.rows !== undefined) {
    const { quantiles, rows: size } = heldOut;
    void new Gauge({
      name: 'impflow_drift_p_value',
      help: `p-value of the test that the log-densities of the last ${COMPARED.most} scored rows without gaps have the distribution of the held-out rows (Kolmogorov, Smirnov); NaN below ${COMPARED.least} rows`,
      registers,
      collect() {
        const own = Float64Array.from(last).sort();
        this.set(own.length < COMPARED.least ? NaN : kolmogorovSmirnov(own, quantiles, size).pValue);
      },
    });
  }
  let totals = { requests: 0, rows: 0 };
  return {
    answered: (route, status, seconds) => {
      totals = { ...totals, requests: totals.requests + 1 };
      requests.inc({ route, status });
      times.observe({ route }, seconds);
    },
    computed: (route, count) => {
      totals = { ...totals, rows: totals.rows + count };
      rows.inc({ route }, count);
      blocks.inc({ route });
    },
    scored: (logDensities) => {
      last = [...last, ...logDensities].slice(-COMPARED.most);
    },
    watch: (route, queue) => void queues.set(route, queue),
    text: async () => ({ type: register.contentType, body: await register.metrics() }),
    totals: () => totals,
  };
};
