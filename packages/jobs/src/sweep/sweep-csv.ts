import { valueText } from '../tasks/value.ts';
import type { Sweep } from './run-sweep.ts';

/** Returns the trials of a sweep as CSV, the best first. */
export const sweepCsv = ({ plan, trials }: Pick<Sweep, 'plan' | 'trials'>): string => {
  const names = plan.parameters.map(({ name }) => name);
  const rows = trials.map(({ rank, name, choice, steps, seconds, validation, standardError, state }) => [
    rank,
    name,
    ...names.map((parameter) => (choice[parameter] === undefined ? '' : valueText(choice[parameter]))),
    steps,
    seconds.toFixed(2),
    validation ?? '',
    standardError ?? '',
    state,
  ]);
  const head = ['rank', 'trial', ...names, 'steps', 'seconds', 'validation_nats', 'standard_error', 'state'];
  return `${[head, ...rows].map((row) => row.map(csvCell).join(',')).join('\n')}\n`;
};

const csvCell = (value: string | number): string => {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
