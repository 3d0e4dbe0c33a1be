import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';

/**
 * Returns the measured parts of docs/solvers-scipy.md.
 *
 * @param {readonly any[]} records One record for each family of problems. A record has, for each method, the number of
 * solved problems, the median evaluations, and the number of wrong claims of convergence.
 */
export const solversTexts = (records) => {
  /** @param {(record: { starts: number; methods: Record<string, { solved: number; wrong: number }> }) => number} of */
  const sum = (of) => records.reduce((total, record) => total + of(record), 0);
  return {
    from: measuredBy('solvers', records),
    solved: tableText(
      ['method', ...records.map(({ job }) => job), `all ${sum(({ starts }) => starts)}`, 'wrong'],
      Object.keys(records[0].methods).map((method) => [
        method.startsWith('SciPy') ? method : `\`${method}\``,
        ...records.map((record) => {
          const { solved, evaluations } = record.methods[method];
          return solved === 0 ? '0' : `${solved} (${Math.round(evaluations)})`;
        }),
        sum((record) => record.methods[method].solved),
        sum((record) => record.methods[method].wrong),
      ]),
    ),
  };
};
