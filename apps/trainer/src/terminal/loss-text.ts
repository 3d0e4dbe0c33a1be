import type { HeldOut } from 'impflow';
import { number, withError } from 'impflow/run';

/**
 * Returns a loss with its standard error, as text. The loss is the mean of `-log p`: lower is better. Every screen shows
 * this number, with this sign. For a single row, the text states that there is no standard error.
 */
export const lossText = ({ nats, standardError, rows }: HeldOut): string =>
  rows < 2 ? `${number(nats, 5)}, one row: no error bar` : withError(nats, standardError);
