import { FlowError, nearest, shown } from '@impflow/core';
import { printable, type ColumnSpec } from '@impflow/tables';
import { isRecord } from '../../json/schema.ts';
import type { Cell } from '../../rows/rows.ts';
import { categorySet, numberSet } from './cell-set.ts';
import { isRange, type CellSet, type EventTree, type RowEvent } from './event.ts';
import { parseEvent } from './parse-event.ts';
import { negated, type Predicate } from './predicate.ts';

/** What an option `given` says: values of the conditions of the model, and an event on its other columns. */
export interface Given {
  /** One row of conditions. Undefined if no condition is named. */
  readonly conditions?: Readonly<Record<string, Cell>>;
  /** The event. Undefined if only conditions are named. */
  readonly event?: Predicate;
}

/**
 * Returns an event as a predicate on the columns of a model.
 *
 * @throws `option` for a value that is not an event, an unknown column, a condition of the model, and a set of values
 * that the column cannot have; `input` for a value of another kind than the column.
 */
export const bindEvent = (event: RowEvent, columns: readonly ColumnSpec[]): Predicate => bound(treeOf(event), columns);

/**
 * Divides `given` into conditions of the model and an event. A condition of the model has exactly one value.
 *
 * @throws as {@link bindEvent}, and `option` for a range or a list of a condition of the model.
 */
export const bindGiven = (given: RowEvent | undefined, columns: readonly ColumnSpec[]): Given => {
  if (given === undefined) return {};
  const tree = treeOf(given);
  const parts = tree.kind === 'and' ? tree.parts : [tree];
  const conditions: [string, Cell][] = [];
  const rest: EventTree[] = [];
  for (const part of parts) {
    const isCondition =
      part.kind === 'cell' && isValue(part.set) && columns.some(({ name, given }) => name === part.column && given);
    if (isCondition) conditions.push([part.column, part.set as Cell]);
    else rest.push(part);
  }
  return {
    ...(conditions.length === 0 ? {} : { conditions: Object.fromEntries(conditions) }),
    ...(rest.length === 0
      ? {}
      : { event: bound(rest.length === 1 ? rest[0]! : { kind: 'and', parts: rest }, columns) }),
  };
};

const isValue = (set: CellSet): set is Cell => !Array.isArray(set) && !isRange(set);

const treeOf = (event: RowEvent): EventTree => {
  if (typeof event === 'string') return parseEvent(event);
  if (!isRecord(event) || Object.keys(event).length === 0)
    throw new FlowError('option', 'impflow/event', 'Wrong event', {
      expected: 'text such as "age > 40", or an object such as { age: { above: 40 } } with at least one column',
      got: shown(event),
    });
  const parts = Object.entries(event).map(([column, set]): EventTree => ({
    kind: 'cell',
    column,
    set: set as CellSet,
  }));
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
};

const bound = (tree: EventTree, columns: readonly ColumnSpec[]): Predicate => {
  if (tree.kind === 'not') return negated(bound(tree.part, columns));
  if (tree.kind !== 'cell') return { kind: tree.kind, parts: tree.parts.map((part) => bound(part, columns)) };
  const at = columns.findIndex(({ name }) => name === tree.column);
  if (at < 0) throw unknownColumn(tree.column, columns);
  const column = columns[at]!;
  if (column.given === true) throw notRandom(column.name);
  return column.kind === 'category'
    ? { kind: 'category', column: at, codes: categorySet(tree.set, column), outside: false }
    : { kind: 'number', column: at, intervals: numberSet(tree.set, column), outside: false };
};

const unknownColumn = (name: string, columns: readonly ColumnSpec[]): FlowError => {
  const names = columns.map((column) => column.name);
  const near = nearest(name, names);
  return new FlowError('option', 'impflow/event', 'Unknown column in an event', {
    expected: `one of ${names.map(printable).join(', ')}`,
    got: `"${printable(name)}"`,
    hint: near === undefined ? 'Name a column of the model.' : `Did you mean "${printable(near)}"?`,
  });
};

const notRandom = (name: string): FlowError =>
  new FlowError('option', 'impflow/event', `The column "${printable(name)}" is a condition of the model`, {
    expected: 'an event on other columns, and one value of each condition in the option given',
    got: `a range, a list or a part of an event on ${printable(name)}`,
    hint: 'The model has no distribution of its conditions. Fit without this condition to ask for ranges of the column.',
  });
