import type { Run } from './session-types.ts';

/** A mean in nats, with its standard error. */
export interface Mean {
  readonly nats: number;
  readonly standardError: number;
}

/** The losses of all models on the same new points. The headline of a race and the table of losses show these numbers. */
export interface Standing {
  /** Number of points. */
  readonly points: number;
  /** Mean loss of each model. */
  readonly means: readonly Mean[];
  /** Loss of the second model minus loss of the first model. Undefined if there is only one model. */
  readonly lead: Mean | undefined;
}

/**
 * Compares the latest losses of the models on new points. The models may have been evaluated on different numbers of
 * points; only points with a finite loss of every model count. Undefined if a model has no result yet.
 */
export const standingOf = (runs: readonly Pick<Run, 'history'>[]): Standing | undefined => {
  const losses = runs.map(({ history }) => history.value.heldOut.at(-1)?.losses);
  if (losses.length === 0 || losses.some((of) => of === undefined)) return undefined;
  const of = losses as readonly Float32Array[];
  const points = Array.from({ length: Math.min(...of.map(({ length }) => length)) }, (_, i) => i).filter((i) =>
    of.every((values) => Number.isFinite(values[i])),
  );
  const [first, second] = of;
  return {
    points: points.length,
    means: of.map((values) => meanOf(points.map((i) => values[i]!))),
    lead: second === undefined ? undefined : meanOf(points.map((i) => second[i]! - first![i]!)),
  };
};

/** Returns the mean of losses in nats, and its standard error. */
const meanOf = (values: readonly number[]): Mean => {
  const count = values.length;
  const nats = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - nats) ** 2, 0);
  return { nats, standardError: Math.sqrt(squares / Math.max(1, count - 1) / count) };
};
