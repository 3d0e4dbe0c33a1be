import { STORED_INDEX, type ColumnPlan, type Decimal, type FoundFormat, type MostlyNumbers } from '@impflow/tables';
import { number } from '../text/format.ts';

type NumberPlan = Extract<ColumnPlan, { readonly kind: 'number' }>;
type CategoryPlan = Extract<ColumnPlan, { readonly kind: 'category' }>;

/** Largest number of units that a remark quotes. */
const QUOTED = 3;

/** The decimal sign of a file. */
interface FileDecimal {
  readonly decimal: Decimal;
  /** Whether the user has chosen the sign, so that it is not in doubt. */
  readonly isChosen: boolean;
}

/**
 * Returns sentences that say how the numbers of columns are read, if they are not plain numbers, if another reading is
 * possible, or if they are rounded.
 */
export const numberRemarks = (plans: readonly ColumnPlan[], file: FileDecimal): readonly string[] =>
  plans.flatMap((plan) => {
    if (plan.kind === 'number') return remarksOn(plan, file);
    if (plan.kind === 'category') return textRemarks(plan);
    if (plan.kind !== 'left out' || plan.why !== STORED_INDEX) return [];
    const { name } = plan;
    return [
      `${name}: the column has no name of its own, and a different whole number in each row. It is left out as a stored index. If it holds numbers, set the option decimalOf to ${name}:point.`,
    ];
  });

/** Returns sentences about a column whose cells could be numbers, but are read as categories. */
const textRemarks = ({ name, units, codes, stored, unread, mostly }: CategoryPlan): readonly string[] => [
  ...(stored === undefined
    ? []
    : [
        `${name}: the file stores this column as categories. If it holds numbers, set the option decimalOf to ${name}:point.`,
      ]),
  ...(codes === undefined
    ? []
    : [
        `${name}: cells such as "${codes.example}" have leading zeros, so they are codes, and are read as categories. If they are numbers, set the option decimalOf to ${name}:point.`,
      ]),
  ...(units === undefined
    ? []
    : [
        `${name}: the cells are numbers in different units (${units.slice(0, QUOTED).join(', ')}${units.length > QUOTED ? ', …' : ''}), and are read as categories.`,
      ]),
  ...(unread === undefined
    ? []
    : [
        `${name}: cells such as "${unread.example}" look like ${unread.kind}, which are not read as numbers, but as categories. To use them as numbers, write ${unread.repair}.`,
      ]),
  ...(mostly === undefined ? [] : [mostlyWords(name, mostly)]),
];

const mostlyWords = (name: string, { share, others, signs }: MostlyNumbers): string => {
  const quoted = others.map((text) => `"${text}"`).join(', ');
  const percent = number(Math.min(100 * share, others.length === 0 ? 100 : 99.9), 2);
  return [
    `${name}: ${percent} % of the cells are numbers${signs.length === 0 ? '' : `, some with ${signs.join(' or ')} before them`}${others.length === 0 ? '' : `, but others are ${quoted}`}. The column is read as categories.`,
    ...(signs.length === 0 ? [] : [`To read numbers, remove ${signs.join(' and ')}.`]),
    ...(others.length === 0
      ? []
      : [`If such a cell marks missing cells, set the option gaps to ${name}:${others[0]!}.`]),
  ].join(' ');
};

const clockWords = (name: string, { clock, unit, cells, example }: FoundFormat): string => {
  const told = `${name}: ${cells} ${cells === 1 ? 'cell is a time or duration, and is' : 'cells are times or durations, and are'} read as ${unit}: "${example.cell}" is ${example.value}.`;
  // 14:05 gives the same number in seconds, if it is 14 minutes and 5 seconds.
  return clock === 'h:m' ? `${told} If they are minutes and seconds, read the numbers as seconds.` : told;
};

const remarksOn = (
  { name, date, format, unit, grouped, rounded }: NumberPlan,
  { decimal, isChosen }: FileDecimal,
): readonly string[] => {
  const remarks: string[] = [];
  const doubt = (otherwise: number, sign: Decimal): string =>
    isChosen ? '' : ` If it is ${otherwise}, set the option decimalOf to ${name}:${sign === '.' ? 'comma' : 'point'}.`;
  if (date?.zeros !== undefined) {
    const { cell, cells } = date.zeros;
    remarks.push(
      `${name}: ${cells === 1 ? '1 cell is' : `${cells} cells are`} "${cell}", which is no date, and ${cells === 1 ? 'counts as a gap' : 'count as gaps'}.`,
    );
  }
  if (format?.clock !== undefined) remarks.push(clockWords(name, format));
  else if (format !== undefined) {
    const { cells, example, otherwise } = format;
    remarks.push(
      `${name}: ${cells === 1 ? '1 cell is read as a number' : `${cells} cells are read as numbers`}: "${example.cell}" is ${example.value}.${otherwise === undefined ? '' : doubt(otherwise, format.decimal)}`,
    );
  }
  if (format?.dashes !== undefined)
    remarks.push(
      `${name}: ${format.dashes === 1 ? '1 cell is a dash, which is' : `${format.dashes} cells are dashes, which are`} read as 0, as spreadsheets write it in amounts. If a dash marks missing cells, set the option gaps to ${name}:-.`,
    );
  if (unit !== undefined) remarks.push(`${name}: the times or durations of the file are read as ${unit}.`);
  if (grouped !== undefined && !isChosen)
    remarks.push(
      `${name}: "${grouped}" is read as ${Number(grouped.replace(',', '.'))}.${doubt(Number(grouped.replace(/[.,]/, '')), decimal)}`,
    );
  if (rounded !== undefined) {
    const { cells, example } = rounded;
    remarks.push(
      `${name}: ${cells === 1 ? '1 whole number has' : `${cells} whole numbers have`} too many digits for a double: ${example.cell} is rounded to ${example.value}. If the numbers are identifiers, leave them out with the option leaveOut.`,
    );
  }
  return remarks;
};
