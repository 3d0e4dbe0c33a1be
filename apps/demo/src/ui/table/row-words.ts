import type { CellReason } from '../../protocol/table.ts';

/** A cell that costs fewer nats is usual. */
const LEAST = 1;
/** A second cell is named if it costs at least this share of the first. */
const NEARLY = 0.5;

/**
 * Says in a sentence what is strange about a row. If changing either of two cells would make the row usual, the two
 * cells do not fit each other.
 */
export const rowSentence = (reasons: readonly CellReason[]): string => {
  const [first, second] = reasons.filter(({ nats }) => nats >= LEAST);
  if (first === undefined) return 'Each cell fits the other cells of this row.';
  if (second !== undefined && second.nats >= NEARLY * first.nats)
    return `${first.column} does not fit ${second.column}.`;
  return `${first.column} is unusual for such a row: ${first.value}, usually ${first.usual}.`;
};

/** Says how rare a row is. `p` is its p-value among `heldOut` test rows. */
export const rareness = (p: number, heldOut: number): string =>
  Number.isNaN(p)
    ? 'This row has empty cells, so it is not compared with other rows.'
    : p <= 1 / (heldOut + 1)
      ? `Less likely than each of the ${heldOut} test rows.`
      : `About ${Math.max(1, Math.round(100 * p))} of 100 test rows are as unlikely as this row.`;

/** Formats nats: one decimal place, and 0 for what is not above 0. */
export const natsText = (nats: number): string => (Number.isNaN(nats) ? '' : Math.max(0, nats).toFixed(1));
