import { fold, key } from '@impflow/core';
import type { ColumnSpec } from '@impflow/tables';
import { joinedValues } from '@impflow/tables';
import {
  classifierFidelity,
  columnFidelities,
  pairFidelities,
  type ClassifierFidelity,
  type ColumnFidelity,
  type PairFidelity,
} from './fidelity.ts';
import { privacyOf, type Compared, type Privacy, type PrivacyRows } from './privacy.ts';

/** How similar synthetic rows are to real rows, and whether they reveal training rows. Plain JSON. */
export interface SyntheticReport {
  /** Number of synthetic rows. */
  readonly rows: number;
  /** The columns, in the order of the model. */
  readonly columns: readonly ColumnFidelity[];
  /** All pairs of columns of numbers. */
  readonly pairs: readonly PairFidelity[];
  /** How well a classifier tells real from synthetic rows. */
  readonly classifier: ClassifierFidelity;
  /** Whether the rows reveal training rows. */
  readonly privacy: Privacy;
  /**
   * Whether a comparison of `privacy` is above its expected value by more than {@link ALARM} standard errors. If the
   * training dropped copies of rows, `copies` does not count.
   */
  readonly revealsTraining: boolean;
}

/** Number of standard errors from which a comparison counts as a sign of copies. By chance, 1 in 740 is above. */
export const ALARM = 3;

/** Number of standard errors by which a value exceeds its expected value. */
export const excessOf = ({ value, expected, standardError }: Compared): number =>
  standardError > 0 ? (value - expected) / standardError : value > expected ? Infinity : 0;

/** Options of {@link judgeSynthetic}. */
interface JudgeOptions {
  /** Seed of the choice of rows, if there are too many to compare all. */
  readonly seed: number;
  /**
   * Whether the training dropped copies of rows. No held-out row then equals a training row, so the expected share of
   * copies is too low, and copies decide nothing.
   */
  readonly distinct: boolean;
}

/**
 * Compares synthetic rows with the training rows and the held-out rows of a model.
 *
 * @param rows Cells without noise.
 */
export const judgeSynthetic = (
  columns: readonly ColumnSpec[],
  rows: PrivacyRows,
  { seed, distinct }: JudgeOptions,
): SyntheticReport => {
  const { training, heldOut, synthetic } = rows;
  const real = joinedValues([training, heldOut]);
  const own = key(seed);
  const privacy = privacyOf(columns, rows, fold(own, 1));
  return {
    rows: synthetic.rows,
    columns: columnFidelities(columns, real, synthetic),
    pairs: pairFidelities(columns, real, synthetic),
    classifier: classifierFidelity(columns, real, synthetic, fold(own, 2)),
    privacy,
    revealsTraining: [...(distinct ? [] : [privacy.copies]), privacy.closest, privacy.membership].some(
      (each) => excessOf(each) > ALARM,
    ),
  };
};
