import type { PathView } from '../protocol/viewer.ts';

/** The path of a point as it is drawn: all positions in units of the data. */
export interface Track {
  readonly forward: readonly Stop[];
  readonly back: readonly Stop[];
}

export interface Stop {
  readonly x: number;
  readonly y: number;
  /** Number of blocks passed on the way to the base. */
  readonly number: number;
  readonly label: string;
}

/**
 * The positions along a path. If the model begins with a standardizing block, later positions are converted back to
 * units of the data, with the mean and standard deviation of the rows at hand (accurate to a few hundredths). The
 * standardizing step itself then moves nothing and is left out.
 */
export const trackOf = ({ forward, back, labels }: PathView, data: Float32Array | undefined): Track => {
  const standardized = labels.findIndex((label) => /standardi[sz]/i.test(label));
  const units = standardized < 0 || data === undefined ? undefined : unitsOf(data);
  const stop = (positions: Float32Array, i: number, stage: number): Stop => {
    const [x, y] = [positions[2 * i]!, positions[2 * i + 1]!];
    const inUnits = units !== undefined && stage >= standardized;
    return {
      x: inUnits ? units.mean[0] + units.spread[0] * x : x,
      y: inUnits ? units.mean[1] + units.spread[1] * y : y,
      number: units !== undefined && stage > standardized ? stage - 1 : stage,
      label: labels[stage] ?? '',
    };
  };
  const stages = labels.map((_, stage) => stage).filter((stage) => units === undefined || stage !== standardized);
  const last = labels.length - 1;
  return {
    forward: stages.map((stage) => stop(forward, stage, stage)),
    back: stages.toReversed().map((stage) => stop(back, last - stage, stage)),
  };
};

/** Mean and standard deviation of both columns of `[n, 2]`. */
export const unitsOf = (
  points: Float32Array,
): { readonly mean: readonly [number, number]; readonly spread: readonly [number, number] } => {
  const column = (axis: 0 | 1): readonly [number, number] => {
    let [sum, squares, n] = [0, 0, 0];
    for (let i = axis; i < points.length; i += 2) {
      sum += points[i]!;
      n += 1;
    }
    const mean = n === 0 ? 0 : sum / n;
    for (let i = axis; i < points.length; i += 2) squares += (points[i]! - mean) ** 2;
    return [mean, n === 0 || squares === 0 ? 1 : Math.sqrt(squares / n)];
  };
  const [x, y] = [column(0), column(1)];
  return { mean: [x[0], y[0]], spread: [x[1], y[1]] };
};
