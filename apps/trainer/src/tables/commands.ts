import { writeAtomically } from '@impflow/core';
import type { ColumnSpec } from '@impflow/tables';
import type { ColumnReport } from 'impflow';
import { auditOf, boundedNets, describeColumn, modelName, number } from 'impflow/run';
import type { RunCommands } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { blocksText } from '../terminal/blocks-text.ts';
import { NATS } from '../terminal/unit.ts';
import { driftTable } from './drift.ts';
import { evaluateTable } from './evaluate.ts';
import { imputeTable } from './impute.ts';
import type { LoadedTable } from './loaded-table.ts';
import { densityPicture, drawsFor } from './pictures.ts';
import { tableProbability } from './probability.ts';
import { reportTable } from './report/report.ts';
import { rowsToDraw } from './rows-to-draw.ts';
import { sampleTable } from './sample.ts';
import { scoreTable } from './score.ts';

/** The commands on a density of a table. */
export const tableCommands = (run: LoadedTable): RunCommands => ({
  evaluate: (options) => evaluateTable(run, options),
  score: (file, options) => scoreTable(run, file, options),
  impute: (file, options) => imputeTable(run, file, options),
  probability: (event, options) => tableProbability(run, event, options),
  drift: (file, options) => driftTable(run, file, options),
  sample: (options) => sampleTable(run, options),
  report: (rows, options) => reportTable(run, rows, options),
  plot: async (options) => {
    const { density, paths, checkpoint } = run;
    const rows = await rowsToDraw(run, options);
    const samples = drawsFor(density, rows, checkpoint.seed);
    await writeAtomically(paths.density, await densityPicture(run, rows, samples, options.data));
    return [paths.density, ...(await writeCurves(run, NATS))];
  },
  about: () => {
    const { spec, layout, flow } = run.density;
    const won = modelName(run.checkpoint);
    const maps = spec.flow.blocks.find((block) => block.kind === 'columnMaps')?.maps;
    const bounded = boundedNets(spec.flow);
    return {
      json: { won, columns: spec.columns },
      lines: [
        ...spec.columns.map((column, j): [string, string] => [
          `${column.given === true ? 'condition ' : ''}${column.name}`,
          `${describeColumn(column, maps?.[layout.numbers.indexOf(j)])}${readingWords(column)}`,
        ]),
        ...leftOutLines(run.contents),
      ],
      model: [
        ['model', won],
        ['blocks', blocksText(spec.flow.blocks)],
        ['base density', spec.flow.base.name],
      ],
      bounds:
        bounded === undefined
          ? []
          : [
              [
                'Lipschitz: bound of each net, by construction',
                `${number(bounded.bound)} (${bounded.nets} sandwich ${bounded.nets === 1 ? 'net' : 'nets'})`,
              ],
            ],
      parameters: Object.values(flow.parameters).reduce((sum, { size }) => sum + size, 0),
      audit: auditOf(flow, spec.flow),
    };
  },
});

/** Describes how the cells of a column are read, if they are not plain numbers and categories. */
const readingWords = (column: ColumnSpec): string => {
  const { gaps = [] } = column;
  const format = column.kind === 'number' ? column.format : undefined;
  return [
    ...(format?.decimal === ',' ? ['decimal comma'] : []),
    ...(format?.clock === undefined ? [] : [`times such as ${format.clock}`]),
    ...(gaps.length === 0 ? [] : [`${gaps.join(', ')} as gaps`]),
  ]
    .map((words) => `; ${words}`)
    .join('');
};

/** Returns a line for each column that the training left out. A checkpoint may lack the report, or have a broken one. */
const leftOutLines = ({ report }: LoadedTable['contents']): readonly [string, string][] => {
  const columns: unknown = report?.columns;
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column: Partial<ColumnReport> | null): [string, string][] =>
    column?.is === 'left out' ? [[String(column.name), `left out: ${String(column.how)}`]] : [],
  );
};
