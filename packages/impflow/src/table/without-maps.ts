import type { FittedColumns } from '@impflow/tables';

/** Replaces the column maps that were chosen from values by the identity. A periodic column keeps its map. */
export const withoutMaps = ({ columns, maps }: FittedColumns): FittedColumns => {
  const targets = columns.filter((column) => column.kind === 'number' && column.given !== true);
  return {
    columns,
    maps: maps.map((map, i) => {
      const column = targets[i]!;
      return column.kind === 'number' && column.period !== undefined ? map : { map: 'identity' };
    }),
  };
};
