import { writeAtomically } from '@impflow/core';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import type { RecordsModel } from '../../model/model.ts';
import { NATS } from '../../terminal/unit.ts';
import { describeFlow } from '../describe-flow.ts';
import { imputeRun } from '../impute/impute.ts';
import type { RunCommands } from '../run-commands.ts';
import { writeCurves } from '../write-curves.ts';
import { describeColumn } from './column-table.ts';
import { recordsFor } from './data.ts';
import { drawnLike } from './draws.ts';
import { evaluateRecords } from './evaluate.ts';
import { recordsPicture } from './pictures.ts';
import { sampleRecords } from './sample.ts';
import { scoreRecords } from './score.ts';

/** Commands on a density of records. */
export const recordsCommands = (run: LoadedRun<RecordsModel>): RunCommands => ({
  evaluate: (options) => evaluateRecords(run, options),
  score: (file, options) => scoreRecords(run, file, options),
  impute: (file, options) => imputeRun(run, file, options),
  sample: (options) => sampleRecords(run, options),
  plot: async (options) => {
    const {
      model: { records },
      paths,
      checkpoint,
    } = run;
    const { values, source } = await recordsFor(run, options);
    const samples = drawnLike(records, values, 1000, checkpoint.seed);
    await writeAtomically(paths.density, recordsPicture(records, values, samples, source));
    return [paths.density, ...(await writeCurves(paths, NATS))];
  },
  about: () => {
    const { spec, records } = run.model;
    return {
      json: { columns: spec.columns },
      lines: spec.columns.map((column, j) => [
        `${column.given === true ? 'condition ' : ''}${column.name}`,
        describeColumn(column, mapOf(run.model, records.layout.numbers.indexOf(j))),
      ]),
      ...describeFlow({ flow: records.flow, spec: spec.flow }),
    };
  },
});

const mapOf = ({ spec }: RecordsModel, place: number) => {
  const maps = spec.flow.blocks.find((block) => block.kind === 'columnMaps');
  return place < 0 ? undefined : maps?.maps[place];
};
