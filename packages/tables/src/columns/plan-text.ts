import { FlowError } from '@impflow/core';
import { isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { listed } from '../frame/printable.ts';
import type { Codes } from './codes.ts';
import type { ColumnPlan } from './column-plan.ts';
import { differentUnits } from './find-number-format.ts';
import { repairOf } from './plan-format.ts';
import { FEWEST, MOSTLY, mostlyNumbers, presentIn, unreadCells, type CellCounts } from './text-kinds.ts';

const AT = 'tables/planColumns';
/**
 * A column of text or codes is an identifier if the number of its different cells, divided by the number of its cells,
 * is larger than this.
 */
const IDENTIFIER = 0.5;

/** A column whose cells hardly repeat, which the user has to leave out. */
export interface Identifier {
  readonly kind: 'identifier';
  readonly name: string;
  readonly distinct: number;
  readonly present: number;
  /** Which cells these are, if this is known. */
  readonly what?: string;
  /** What to write in place of the cells, so that they are read as numbers. */
  readonly repair?: string;
  /** Whether the cells can be read as numbers. */
  readonly isNumeric?: true;
  /** Further advice, as a sentence. */
  readonly hint?: string;
}

/** Returns the plan of a column of codes, such as 02134: categories, or an identifier. */
export const codesPlan = (name: string, codes: Codes, counts: CellCounts, given: boolean): ColumnPlan | Identifier => {
  const present = presentIn(counts);
  if (codes.kind === 'telephone' || isIdentifier(counts))
    return {
      kind: 'identifier',
      name,
      distinct: counts.size,
      present,
      what:
        codes.kind === 'telephone' ? `which look like telephone numbers` : `with leading zeros, as in ${codes.example}`,
      isNumeric: true,
    };
  if (counts.size === 1) return { name, kind: 'left out', why: 'constant' };
  return { name, kind: 'category', given, codes };
};

const isIdentifier = (counts: CellCounts): boolean => {
  const present = presentIn(counts);
  return present >= FEWEST && counts.size > IDENTIFIER * present;
};

/**
 * Returns the plan of a column with text: categories, or an identifier.
 *
 * @throws `input` for text in a column of numbers.
 */
export const textPlan = (
  column: FrameColumn,
  counts: CellCounts,
  frame: Frame,
  given: boolean,
): ColumnPlan | Identifier => {
  const { name, texts = [], numbers } = column;
  const present = presentIn(counts);
  if (numbers.filter((value) => !Number.isNaN(value)).length > MOSTLY * present) {
    const row = texts.findIndex((text) => text !== undefined && !isGapAmongNumbers(text));
    throw new FlowError('input', AT, `Text in the column "${name}" of ${frame.source}, ${frame.place(row)}`, {
      expected: 'a number, as in the other cells',
      got: `"${texts[row]!}"`,
      hint: repairOf(name, texts[row]!),
    });
  }
  const units = differentUnits(column);
  const mostly = mostlyNumbers(counts);
  const unread = unreadCells(counts);
  if (isIdentifier(counts))
    return {
      kind: 'identifier',
      name,
      distinct: counts.size,
      present,
      ...(unread === undefined
        ? {}
        : { what: `which look like ${unread.kind}, as in ${unread.example}`, repair: unread.repair }),
      ...(unread !== undefined
        ? {}
        : units !== undefined
          ? { hint: `If the cells are numbers, write them in one unit; they have ${listed(units)}.` }
          : mostly !== undefined && mostly.others.length > 0
            ? {
                hint: `Most cells of "${name}" are numbers. If "${mostly.others[0]}" marks missing cells, set the option gaps to ${name}:${mostly.others[0]}.`,
              }
            : {}),
    };
  if (counts.size === 1) return { name, kind: 'left out', why: 'constant' };
  return {
    name,
    kind: 'category',
    given,
    ...(units === undefined || unread !== undefined ? {} : { units }),
    ...(unread === undefined ? {} : { unread }),
    ...(mostly === undefined || unread !== undefined ? {} : { mostly }),
  };
};

/** Returns the error that asks the user to leave identifiers out. It names all of them. */
export const identifiersError = (identifiers: readonly Identifier[], { source }: Frame): FlowError => {
  const isOne = identifiers.length === 1;
  const names = identifiers.map(({ name }) => name);
  const got = identifiers.map(
    ({ name, distinct, present, what }) =>
      `${distinct} different values in ${present} cells${isOne ? '' : ` of "${name}"`}${what === undefined ? '' : `, ${what}`}`,
  );
  const numeric = identifiers.flatMap(({ name, isNumeric }) => (isNumeric === true ? [name] : []));
  const repairs = new Set(identifiers.flatMap(({ repair }) => repair ?? []));
  const hints = [
    ...identifiers.flatMap(({ hint }) => hint ?? []),
    ...[...repairs].map((repair) => {
      const own = identifiers.filter((identifier) => identifier.repair === repair).map(({ name }) => name);
      return `To use ${quoted(own)}, write ${repair}.`;
    }),
    ...(numeric.length === 0
      ? []
      : [
          `If the cells of ${quoted(numeric)} are numbers, set the option decimalOf to ${numeric.map((name) => `${name}:point`).join(',')}.`,
        ]),
    `Leave ${isOne ? 'it' : 'them'} out with the option leaveOut: ${names.join(',')}`,
  ];
  return new FlowError(
    'input',
    AT,
    isOne
      ? `The column ${quoted(names)} of ${source} is an identifier`
      : `The columns ${quoted(names)} of ${source} are identifiers`,
    { expected: 'categories that many rows share', got: got.join('; '), hint: hints.join(' ') },
  );
};

/** Returns a list of quoted names, such as `"a", "b" and "c"`. */
const quoted = (names: readonly string[]): string => {
  const all = names.map((name) => `"${name}"`);
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} and ${all.at(-1)!}`;
};
