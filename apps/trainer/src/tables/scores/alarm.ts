import { assertHeldOut, flagsOf } from '@impflow/jobs';
import { number } from 'impflow/run';
import { note, type OutputOptions } from '../../terminal/output.ts';

/** Result of flagging rows. */
interface Alarm {
  /**
   * One number per row, `[rows]`: 1 for a flagged row, 0 for a row that is not flagged, NaN for a row without a
   * p-value.
   */
  readonly flags: Float64Array;
  readonly rate: number;
  /** Number of flagged rows. */
  readonly flagged: number;
}

/**
 * Flags the rows whose p-value is at most `rate`. Prints a note if there are too few held-out rows for this rate.
 *
 * @param heldOut Number of held-out rows; undefined if the run has none.
 * @throws `option` without held-out rows.
 */
export const alarmOf = (
  pValues: Float64Array,
  rate: number,
  { heldOut, options }: { readonly heldOut: number | undefined; readonly options: OutputOptions },
): Alarm => {
  assertHeldOut(heldOut);
  const flags = flagsOf(pValues, rate);
  const least = 1 / (heldOut + 1);
  if (least > rate)
    note(
      options,
      `${number(heldOut)} held-out rows are too few for --alarm ${rate}: the smallest p-value is ${number(least, 2)}, so no row is flagged. Give --alarm ${number(roundedUp(least), 2)} or more, or train on more rows.`,
    );
  const unjudged = pValues.reduce((count, p) => count + (Number.isNaN(p) ? 1 : 0), 0);
  if (unjudged > 0)
    note(options, `Rows that cannot be flagged: ${number(unjudged)}. They have gaps, so they have no p-value.`);
  return { flags, rate, flagged: flags.reduce((count, flag) => count + (flag === 1 ? 1 : 0), 0) };
};

/** Rounds `x` up to a number with two significant digits. */
const roundedUp = (x: number): number => {
  const unit = 10 ** (Math.floor(Math.log10(x)) - 1);
  return Math.ceil(x / unit) * unit;
};

/** Returns a sentence with the number of flagged rows and the expected rate of false alarms. */
export const alarmText = ({ flags, rate, flagged }: Alarm): string =>
  `${number(flagged)} of ${number(flags.length)} rows are flagged: their p-value is at most ${rate}. If all rows were like the held-out ones, at most ${number(100 * rate)} % of them would be flagged, in expectation.`;
