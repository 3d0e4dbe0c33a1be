import { basename } from 'node:path';
import type { Drift } from 'impflow';
import { number } from 'impflow/run';

/** Draws the picture of a comparison: the evidence over the rows, the log-densities, and the columns. */
export const driftPicture = async (
  file: string,
  { because, stream, scores, columns, alpha }: Drift,
): Promise<Uint8Array> => {
  const { driftPlot } = await import('@impflow/plots');
  const isExplained = columns.some(({ nats }) => !Number.isNaN(nats));
  const placeOf = (row: number | undefined): number | undefined =>
    row === undefined ? undefined : stream.rows.indexOf(row) + 1;
  return driftPlot({
    title: `Drift of ${basename(file)}`,
    subtitle: because,
    evidence: { rows: stream.rows, values: stream.evidence },
    threshold: -Math.log10(alpha),
    marks: { alarm: placeOf(stream.alarm), since: placeOf(stream.since) },
    scores,
    columns: columns.map(({ column, nats, standardError, pValue, change }) => ({
      column,
      value: isExplained ? nats : -Math.log10(pValue),
      error: isExplained ? standardError || 0 : 0,
      note: `${change}, p = ${number(pValue, 2)}`,
    })),
    columnsLabel: isExplained ? 'increase of the cost given the other columns, in nats' : '-log10 of the p-value',
  });
};
