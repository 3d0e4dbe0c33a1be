import { FlowError } from '@impflow/core';
import type { AnyRow } from '../../rows/rows.ts';
import { attempts, costOf, likelierFirst, type Attempt, type Repairing } from './attempt.ts';
import { changeableColumns, type Changeable } from './options.ts';
import type { Repair, RepairOptions } from './types.ts';

/** Number of columns whose pairs are tried: the columns whose change alone helps most. */
const PAIRED = 8;

/**
 * Finds the cheapest change of a row that lifts its p-value above `alpha`: see `Model.repair`. Single columns are tried
 * first, then pairs, and then the best set is enlarged by one column at a time. Larger sets are tried only if they are
 * cheaper than the cheapest set that lifts the p-value. Among sets of equal cost, the set with the most likely row wins.
 */
export const repairRow = (model: Repairing, row: AnyRow, options: RepairOptions): Repair<AnyRow> => {
  const { density, heldOut } = model.trained;
  const allowed = changeableColumns(density.spec.columns, options);
  if (heldOut?.rows === undefined)
    throw new FlowError('option', 'impflow/repair', 'The model has no held-out rows, so rows have no p-values', {
      expected: 'a finished training',
      got: 'a model whose training was not finished, or an imported model',
      hint: 'Train a model to the end.',
    });
  const { alpha = 0.05 } = options;
  const before = pValueOf(model, row);
  if (before > alpha) return { outcome: 'fits', changes: [], row, before, pValue: before, cost: 0 };
  let best: Attempt | undefined;
  let sets: readonly (readonly Changeable[])[] = allowed.map((column) => [column]);
  while (sets.length > 0) {
    const found = attempts(model, row, sets, options);
    for (const each of found) if (each.pValue > alpha && isBetter(each, best)) best = each;
    const most = best?.cost ?? Infinity;
    sets = largerSets(found, allowed).filter((columns) => costOf(columns) < most);
  }
  if (best === undefined) return { outcome: 'impossible', changes: [], row, before, pValue: before, cost: 0 };
  const changed = best.row;
  // A draw of several cells may repeat the value of one of them.
  const columns = best.columns.filter(({ spec: { name } }) => row[name] !== changed[name]);
  const changes = columns.map(({ spec: { name } }) => ({ column: name, from: row[name], to: changed[name] }));
  return { outcome: 'repaired', changes, row: changed, before, pValue: best.pValue, cost: costOf(columns) };
};

const isBetter = (a: Attempt, b: Attempt | undefined): boolean =>
  b === undefined || a.cost < b.cost || (a.cost === b.cost && a.logDensity > b.logDensity);

/** @throws `input` for a row that is not one object, or that has gaps. */
const pValueOf = ({ score }: Repairing, row: AnyRow): number => {
  if (Array.isArray(row))
    throw new FlowError('input', 'impflow/repair', 'Wrong row', {
      expected: 'one row as an object',
      got: 'an array',
      hint: 'Repair each row by itself.',
    });
  const { pValue } = score([row])[0]!;
  if (Number.isNaN(pValue))
    throw new FlowError('input', 'impflow/repair', 'A row with gaps has no p-value', {
      expected: 'a row with a value in each column of the model',
      got: 'a row with gaps',
      hint: 'Fill its gaps with impute first.',
    });
  return pValue;
};

/** Returns the sets to try after the sets in `found`, which have the same size, with one more column. */
const largerSets = (found: readonly Attempt[], allowed: readonly Changeable[]): readonly (readonly Changeable[])[] => {
  const inOrder = (columns: readonly Changeable[]): readonly Changeable[] =>
    allowed.filter((column) => columns.includes(column));
  const ranked = found.toSorted(likelierFirst);
  const first = ranked[0]!.columns;
  if (first.length > 1)
    return allowed.filter((column) => !first.includes(column)).map((column) => inOrder([...first, column]));
  const single = ranked.slice(0, PAIRED).flatMap(({ columns }) => columns);
  return single.flatMap((a, i) => single.slice(i + 1).map((b) => inOrder([a, b])));
};
