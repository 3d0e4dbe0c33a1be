import { contentNames, fold, forRows, key, type SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { batched } from './batched.ts';
import type { Events } from './events.ts';

/** Number of draws that an estimated log-density averages. */
export const DRAWS = 8;

interface ScoredOptions {
  /**
   * Whether the log-determinants are estimates. Then {@link DRAWS} draws are averaged, at {@link DRAWS} times the cost.
   */
  readonly estimated: boolean;
  /** Called once per solve, with the index of the first event of its block. */
  readonly report: (report: SolveReport, first: number) => void;
}

/** Log-densities and their standard errors. */
export interface Scored {
  /** `[count]`, in nats. */
  readonly densities: Float32Array;
  /** Errors of the estimates; absent if the log-determinants are exact. */
  readonly error?: {
    /** Standard errors `[count]`, from the spread of the draws: seven degrees of freedom. */
    readonly each: Float32Array;
    /** Standard error of the mean log-density, by the estimate alone. */
    readonly ofMean: number;
  };
}

/**
 * `log p` of every event. It depends on the event and the flow only, not on its place or on other events: the probes of
 * an estimator are keyed by the numbers of the event, and the length of its series by the draw.
 */
export const scored = (
  flow: Pick<NormalizingFlow, 'logProb'>,
  events: Events,
  { estimated, report }: ScoredOptions,
): Scored => {
  if (!estimated)
    return {
      densities: batched(events, (x, first) =>
        flow.logProb(x, { key: key(0), report: (solve) => report(solve, first) }),
      ),
    };
  const draws = Array.from({ length: DRAWS }, (_, draw) =>
    batched(events, (x, first) =>
      flow.logProb(x, {
        key: forRows(fold(key(0), draw), contentNames(events.read(first, x.shape[0]!), x.shape[0]!)),
        ...(draw === 0 ? { report: (solve: SolveReport) => report(solve, first) } : {}),
      }),
    ),
  );
  const densities = new Float32Array(events.count);
  const each = new Float32Array(events.count);
  for (let i = 0; i < events.count; i++) {
    const { mean, error } = summary(draws.map((densitiesOf) => densitiesOf[i]!));
    densities[i] = mean;
    each[i] = error;
  }
  // Rows share the length of the series of a draw, so their errors are not independent.
  const means = draws.map(
    (densitiesOf) => densitiesOf.reduce((sum, density) => sum + density, 0) / Math.max(1, events.count),
  );
  return { densities, error: { each, ofMean: summary(means).error } };
};

/** Mean of some values and its standard error. */
const summary = (values: readonly number[]): { readonly mean: number; readonly error: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    mean,
    error: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length),
  };
};
