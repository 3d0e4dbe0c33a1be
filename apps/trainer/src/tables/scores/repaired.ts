import { leastLikelyFirst } from '@impflow/jobs';
import { pickFrameRows, type FrameColumn } from '@impflow/tables';
import type { Model, Repair } from 'impflow';
import { number, rowsOfFrame } from 'impflow/run';
import { countingDisplay } from '../../terminal/counting.ts';
import { note, type OutputOptions } from '../../terminal/output.ts';
import { columnOfCells } from '../frame-cells.ts';
import type { Extras, ToJudge } from './extra.ts';

/** Maximum number of log-densities that all repairs of a command may compute, if each row needs only one change. */
const BUDGET = 200_000;
/** Number of log-densities for one column of a row: the draws of `Model.repair`, and the values of slips. */
const EACH = 72;
/** Minimum number of rows that are repaired, regardless of the number of columns. */
const FEWEST = 12;

/** Options of {@link repaired}. */
interface RepairedOptions extends OutputOptions {
  /** Rows with a p-value of at most `alarm` are repaired. Default 0.05. */
  readonly alarm?: number;
  /** Whether the scores are written to a file. The JSON then lacks the list of all repairs. */
  readonly out?: string;
}

/** Repairs the strange rows, or only the least likely of them if all would take too long: see `Model.repair`. */
export const repaired = ({ scores, frame, trained, model }: ToJudge, options: RepairedOptions): Extras => {
  const { alarm: alpha = 0.05, quiet = false, out } = options;
  const strange = leastLikelyFirst(scores.values).filter((row) => scores.pValues[row]! <= alpha);
  const targets = trained.density.spec.columns.filter(({ given }) => given !== true).length;
  const rows = strange.slice(0, Math.max(FEWEST, Math.floor(BUDGET / EACH / targets)));
  if (rows.length < strange.length)
    note(
      options,
      `Repairs of the ${number(rows.length)} least likely of ${number(strange.length)} rows with a p-value of at most ${alpha}: the repairs of all would take too long.`,
    );
  const progress = countingDisplay({ done: 'Repaired', total: rows.length, quiet });
  const ofRow = new Map<number, RowRepair>();
  const { repair } = model();
  for (const row of rows) {
    const [cells] = rowsOfFrame(pickFrameRows(frame, Uint32Array.of(row)));
    ofRow.set(row, repair(cells!, { alpha }));
    progress.update(ofRow.size);
  }
  progress.stop();
  const jsonOf = (row: number): object => {
    const found = ofRow.get(row);
    if (found === undefined) return {};
    const { outcome, changes, pValue, cost } = found;
    return { repair: { outcome, changes, pValue, cost } };
  };
  const count = [...ofRow.values()].filter(({ outcome }) => outcome === 'repaired').length;
  return {
    columns: repairColumns(ofRow, scores.values.length),
    head: ['repair', 'repaired p-value'],
    cells: (row) => {
      const found = ofRow.get(row);
      return found === undefined ? ['', ''] : [repairText(found), number(found.pValue)];
    },
    json: {
      repaired: count,
      ...(out === undefined ? { repairs: rows.map((row) => ({ row: row + 1, ...jsonOf(row) })) } : {}),
    },
    jsonOf,
    lines: [
      `${number(count)} of ${number(strange.length)} rows with a p-value of at most ${alpha} are repaired. A repair is the most likely row with the fewest changes, not the truth: check each change.`,
    ],
  };
};

type RowRepair = ReturnType<Model['repair']>;

/** Returns the columns `repair` and `repaired_p_value`. Cells of rows that were not repaired are empty. */
const repairColumns = (ofRow: ReadonlyMap<number, RowRepair>, rows: number): readonly FrameColumn[] => {
  const each = Array.from({ length: rows }, (_, row) => ofRow.get(row));
  return [
    columnOfCells(
      'repair',
      each.map((found) => (found === undefined ? undefined : repairText(found))),
    ),
    columnOfCells(
      'repaired_p_value',
      each.map((found) => found?.pValue),
    ),
  ];
};

/** Describes the changes of a row, such as `Body Mass (g): 9000 to 3900`. */
const repairText = ({ outcome, changes }: Pick<Repair<object>, 'outcome' | 'changes'>): string =>
  outcome === 'repaired'
    ? changes.map(({ column, from, to }) => `${column}: ${String(from)} to ${String(to)}`).join('; ')
    : 'none found';
