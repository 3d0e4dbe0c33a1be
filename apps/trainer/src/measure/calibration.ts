import type { Table } from '@impflow/tables';

/** Coverage of the model's central intervals in one column. The model is calibrated where share and level agree. */
export interface Calibration {
  /** Name of the column. */
  readonly column: string;
  /** Share of held-out rows inside the central 50 % of the model's samples: 0.5 if calibrated. */
  readonly inside50: number;
  /** Share inside the central 90 %: 0.9 if calibrated. */
  readonly inside90: number;
}

/** Coverage of the model's central intervals in each column, from its samples `[n, columns]`. */
export const calibration = ({ values, columns, rows }: Table, samples: Float32Array): readonly Calibration[] => {
  const d = columns.length;
  return columns.map((column, j) => {
    const drawn = samples.filter((_, i) => i % d === j).sort();
    const quantile = (q: number): number => drawn[Math.min(drawn.length - 1, Math.floor(q * drawn.length))]!;
    const inside = (level: number): number => {
      const [low, high] = [quantile((1 - level) / 2), quantile((1 + level) / 2)];
      let count = 0;
      for (let i = j; i < values.length; i += d) if (values[i]! >= low && values[i]! <= high) count += 1;
      return count / rows;
    };
    return { column, inside50: inside(0.5), inside90: inside(0.9) };
  });
};
