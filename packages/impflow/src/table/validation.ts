import { logDensitiesOf, type LogDensities, type RecordFlow } from '@impflow/tables';
import type { Validation } from '@impflow/training';
import { heldOut, type HeldOut } from '../measure/held-out.ts';
import type { Part } from './part.ts';

/** Largest share of rows whose equation solves may fail. If the solves of more rows fail, the mean loss is NaN. */
const FEW_FAILED = 0.01;

/** Held-out loss over the rows of a part whose solves succeeded, and the number of rows whose solves failed. */
export interface PartFigures extends HeldOut {
  /** Number of rows whose solves failed. These rows have no log-density. */
  readonly unsolved: number;
}

/**
 * Computes the held-out loss from log-densities `[rows]`, in which NaN means a failed solve. The loss is NaN if more
 * than a hundredth of the solves failed.
 */
export const figuresOf = (logDensities: ArrayLike<number>, weights: Float64Array): PartFigures => {
  const solved = Uint32Array.from({ length: weights.length }, (_, row) => row).filter(
    (row) => !Number.isNaN(logDensities[row]),
  );
  const unsolved = weights.length - solved.length;
  if (unsolved > FEW_FAILED * weights.length) return { nats: NaN, standardError: NaN, rows: weights.length, unsolved };
  const own = Float64Array.from(solved, (row) => logDensities[row]!);
  return {
    ...heldOut(
      own,
      Float64Array.from(solved, (row) => weights[row]!),
    ),
    unsolved,
  };
};

/**
 * Returns a function that computes the validation loss of the current model weights. The function evaluates each row
 * once, with the noise that was added to the row when the table was split.
 */
export const validateOn = (density: RecordFlow, { values, weights }: Part): (() => Promise<Validation>) => {
  const events = density.eventsOf(values);
  return async () => {
    const { nats, standardError } = figuresOf(singleDrawDensities(density, events), weights);
    return { nats, standardError };
  };
};

/**
 * Computes the log-densities `[rows]` of events. Each event is evaluated once, as in a validation. With more than 64
 * columns the log-determinants are estimates, so this is one draw of each log-density.
 */
export const singleDrawDensities = (density: RecordFlow, events: Float32Array): LogDensities['values'] =>
  logDensitiesOf(density, events, { estimated: false }).values;
