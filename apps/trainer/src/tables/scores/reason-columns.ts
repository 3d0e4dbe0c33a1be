import type { FrameColumn } from '@impflow/tables';
import { columnOfCells } from '../frame-cells.ts';
import type { CellReason, Explained } from './explained.ts';

/** Columns `part:NAME`, `typical:NAME` and `percentile:NAME` of each target. Rows without reasons have gaps. */
export const reasonColumns = ({ columns, ofRow }: Explained, rows: number): readonly FrameColumn[] =>
  columns.flatMap((name, j) => {
    const column = (title: string, of: (reason: CellReason) => string | number | undefined): FrameColumn =>
      columnOfCells(
        `${title}:${name}`,
        Array.from({ length: rows }, (_, row) => {
          const reason = ofRow.get(row)?.[j];
          return reason === undefined ? undefined : of(reason);
        }),
      );
    return [
      column('part', ({ part }) => part),
      column('typical', ({ typical }) => typical),
      column('percentile', ({ percentile }) => percentile),
    ];
  });
