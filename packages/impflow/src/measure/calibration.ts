import type { Layout, Values } from '@impflow/tables';

/**
 * Coverage of the model's central intervals in one column. The model is calibrated if the share of rows in each
 * interval equals the level of the interval.
 */
export interface Calibration {
  /** Name of the column. */
  readonly column: string;
  /** Share of held-out rows inside the central 50 % of the model's samples: 0.5 if calibrated. */
  readonly inside50: number;
  /** Share of held-out rows inside the central 90 % of the model's samples: 0.9 if calibrated. */
  readonly inside90: number;
}

/**
 * Computes the coverage of the model's central intervals in each numeric target column.
 *
 * @param rows Held-out rows, with noise on repeated numbers.
 * @param samples Samples of the model under the conditions of the held-out rows.
 */
export const calibration = ({ numbers, columns }: Layout, rows: Values, samples: Values): readonly Calibration[] =>
  numbers.map((j) => {
    const drawn = samples.columns[j]!.slice().sort();
    const quantile = (q: number): number => drawn[Math.min(drawn.length - 1, Math.floor(q * drawn.length))]!;
    const inside = (level: number): number => {
      const [low, high] = [quantile((1 - level) / 2), quantile((1 + level) / 2)];
      return rows.columns[j]!.reduce((count, x) => count + (x >= low && x <= high ? 1 : 0), 0) / rows.rows;
    };
    return { column: columns[j]!.name, inside50: inside(0.5), inside90: inside(0.9) };
  });
