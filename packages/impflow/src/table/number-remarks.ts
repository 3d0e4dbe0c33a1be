import type { ColumnPlan, Decimal } from '@impflow/tables';

type NumberPlan = Extract<ColumnPlan, { readonly kind: 'number' }>;

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
    if (plan.kind !== 'category' || plan.units === undefined) return [];
    const { name, units } = plan;
    return [
      `${name}: the cells are numbers in different units (${units.slice(0, QUOTED).join(', ')}${units.length > QUOTED ? ', …' : ''}), and are read as categories.`,
    ];
  });

const remarksOn = (
  { name, format, grouped, rounded }: NumberPlan,
  { decimal, isChosen }: FileDecimal,
): readonly string[] => {
  const remarks: string[] = [];
  const doubt = (otherwise: number, sign: Decimal): string =>
    isChosen ? '' : ` If it is ${otherwise}, set the option decimalOf to ${name}:${sign === '.' ? 'comma' : 'point'}.`;
  if (format !== undefined) {
    const { cells, example, otherwise } = format;
    remarks.push(
      `${name}: ${cells === 1 ? '1 cell is read as a number' : `${cells} cells are read as numbers`}: "${example.cell}" is ${example.value}.${otherwise === undefined ? '' : doubt(otherwise, format.decimal)}`,
    );
  }
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
