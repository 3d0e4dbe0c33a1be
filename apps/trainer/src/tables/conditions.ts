import { FlowError } from '@impflow/core';
import { frameOf, readingFor, type Frame, type ColumnSpec, type RecordsSpec } from '@impflow/tables';
import { dataNames, isPath } from '../dataset/source.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { names } from '../settings/names.ts';
import { cellsOf } from './rows-of.ts';

/** Signs and words that only events have. */
const EVENT = /[<>()!]|\s(?:and|or|in|between)\s|^\s*not\s/i;

/**
 * Whether the text of `--given` is an event, and not a list of conditions such as `x1=3,x2=A` or a file. For a model
 * without conditions, every text is an event. For other models, a list of known categories is no event, even if it has
 * words such as `and`.
 */
export const isEvent = (spec: RecordsSpec, given: string): boolean => {
  if (conditionNames(spec).length === 0) return true;
  const isKnown = (text: string): boolean => {
    const at = text.indexOf('=');
    const column = spec.columns.find(({ name }) => name === text.slice(0, at));
    return column?.kind === 'category' && column.levels.includes(text.slice(at + 1));
  };
  return EVENT.test(given) && !names(given).every((text) => isKnown(text) || !EVENT.test(text)) && !isPath(given);
};

/**
 * Returns the conditions that `--given` names: a file with their columns, or strings such as `x1=3`.
 *
 * @throws `option` for an unknown condition, and for a model with conditions if `--given` is missing.
 */
export const conditionsOf = async (
  spec: RecordsSpec,
  text: string | undefined,
  registries: AllRegistries,
): Promise<Frame | undefined> => {
  const given = text === undefined ? undefined : names(text);
  const [first] = given ?? [];
  const { categories } = readingFor(spec.columns);
  const isFile =
    given?.length === 1 &&
    !first!.includes('=') &&
    (isPath(first!) || registries.data.has(first!) || dataNames().includes(first!));
  if (isFile && conditionNames(spec).length > 0) return cellsOf(first!, registries, { categories });
  const cells = conditionCells(spec, given);
  return cells === undefined ? undefined : frameOf([cells], '--given', { categories });
};

const conditionNames = ({ columns }: RecordsSpec): readonly string[] =>
  columns.filter((column) => column.given === true).map(({ name }) => name);

/**
 * Returns one row of conditions, from strings such as `x1=3`; undefined for a model without conditions.
 *
 * @throws `option` for an unknown condition, and for a model with conditions if `given` is missing.
 */
export const conditionCells = (
  spec: RecordsSpec,
  given: readonly string[] | undefined,
): Readonly<Record<string, string | number>> | undefined => {
  const { columns } = spec;
  const names = conditionNames(spec);
  if (given === undefined) {
    if (names.length === 0) return undefined;
    throw wrong(
      'The conditions are missing',
      `--given with ${names.map((name) => `${name}=…`).join(',')}, or a file`,
      'none',
    );
  }
  if (names.length === 0)
    throw wrong('The model has no conditions', 'a run trained with --given', `--given ${given.join(',')}`);
  const cells = Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at > 0)
        return [
          text.slice(0, at),
          cellOf(
            text.slice(at + 1),
            columns.find(({ name }) => name === text.slice(0, at)),
          ),
        ];
      throw wrong('Wrong condition', 'name=value, or a file of rows', text);
    }),
  );
  const unknown = Object.keys(cells).find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrong(`"${unknown}" is not a condition of the model`, names.join(', '), unknown);
  return cells;
};

/** Converts the string value of a condition to a cell. The cell is a number if the column contains numbers. */
const cellOf = (text: string, column: ColumnSpec | undefined): string | number => {
  if (column?.kind !== 'number' || column.date !== undefined) return text;
  const value = Number(text);
  if (text.trim() !== '' && !Number.isNaN(value)) return value;
  throw wrong(`Wrong value of the condition ${column.name}`, 'a number', `"${text}"`);
};

const wrong = (what: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'cli', what, {
    expected,
    got,
    hint: 'The command impflow inspect lists the conditions of a run.',
  });
