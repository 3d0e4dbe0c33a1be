import { isFlowError } from '@impflow/core';
import { planColumns, selectFrame, type ColumnPlan, type Frame, type FrameColumn } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { assertIndependent, splitTable } from 'impflow/run';
import type { LearnRole } from '../../protocol/data.ts';

/**
 * Returns for each column whether a model of the whole table can learn it, and whether it is chosen at first. All
 * decisions are decisions of `impflow`: identifiers, constants and stored indices are left out, and so is a column that
 * other columns determine. Dates and row numbers can be learned, but are not chosen at first.
 */
export const learnRoles = async (frame: Frame): Promise<ReadonlyMap<string, LearnRole>> => {
  const roles = new Map(frame.columns.map((column) => [column.name, roleOf(column, frame)] as const));
  for (;;) {
    const chosen = [...roles].filter(([, { chosen: isChosen }]) => isChosen).map(([name]) => name);
    const found = await dependent(frame, chosen);
    if (found === undefined) return roles;
    roles.set(found.name, { ...roles.get(found.name)!, chosen: false, why: found.why });
  }
};

const roleOf = (column: FrameColumn, frame: Frame): LearnRole => {
  try {
    const role = ofPlan(planColumns({ ...frame, columns: [column, besides(column, frame)] })[0]!);
    const isTooLarge = (value: number): boolean => Number.isFinite(value) && !Number.isFinite(Math.fround(value));
    return role.as === 'numbers' && column.numbers.some(isTooLarge)
      ? { chosen: false, why: 'too large for float32' }
      : role;
  } catch (error) {
    if (!isFlowError(error, 'input')) throw error;
    const isIdentifier = error.what.endsWith('is an identifier');
    return { chosen: false, why: isIdentifier ? `an identifier: ${error.got}` : reasonIn(error.message) };
  }
};

/** A column of numbers, because a table must have one, and only the other column is of interest. */
const besides = ({ name }: FrameColumn, { rows }: Frame): FrameColumn => ({
  name: `${name} and numbers`,
  numbers: Float64Array.from({ length: rows }, (_, row) => Math.sin(row)),
});

const ofPlan = (plan: ColumnPlan): LearnRole => {
  switch (plan.kind) {
    case 'category':
      return { as: 'categories', chosen: true };
    case 'number':
      if (plan.date !== undefined)
        return { as: 'dates', chosen: false, why: 'a date: learn it if times belong to the question' };
      return plan.rising === true
        ? { as: 'numbers', chosen: false, why: 'row numbers: they say only how the rows are sorted' }
        : { as: 'numbers', chosen: true };
    case 'left out':
      return { chosen: false, why: plan.why === 'constant' ? 'the same in every row' : plan.why };
    case 'weights':
      return { chosen: false };
  }
};

/** Returns a chosen column that is a linear combination of other chosen columns, and why it cannot be learned. */
const dependent = async (
  frame: Frame,
  chosen: readonly string[],
): Promise<{ readonly name: string; readonly why: string } | undefined> => {
  if (chosen.length < 2) return undefined;
  try {
    const parts = await splitTable(
      { frame: selectFrame(frame, chosen) },
      { key: runKey(0, 'data'), missing: 'impute', transform: ['none'] },
    );
    assertIndependent(parts, parts.complete);
    return undefined;
  } catch (error) {
    if (!isFlowError(error, 'input')) throw error;
    const start = (name: string): string => `The column "${name}" of ${frame.source} is `;
    const name = chosen.find((each) => error.what.startsWith(start(each)) && /linear combination/.test(error.what));
    // Any other problem of the table is reported when the visitor learns the table.
    return name === undefined ? undefined : { name, why: error.what.slice(start(name).length) };
  }
};

const reasonIn = (message: string): string => message.replace(/^\[[^\]]*\] /, '');
