import { writeAtomically } from '@impflow/core';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import type { RunRecord } from '../../checkpoint/record.ts';
import { drawSamples } from '../../model/draw-samples.ts';
import type { FlowModel } from '../../model/model.ts';
import { number } from '../../terminal/format.ts';
import { NATS } from '../../terminal/unit.ts';
import { describeFlow } from '../describe-flow.ts';
import { imputeRun } from '../impute/impute.ts';
import type { RunCommands } from '../run-commands.ts';
import { writeCurves } from '../write-curves.ts';
import { rowsFor } from './data.ts';
import { evaluateRows } from './evaluate.ts';
import { densityPicture } from './pictures.ts';
import { sampleRows } from './sample.ts';
import { scoreRows } from './score.ts';

/** Commands on a density of rows. */
export const rowsCommands = (run: LoadedRun<FlowModel>): RunCommands => ({
  evaluate: (options) => evaluateRows(run, options),
  score: (file, options) => scoreRows(run, file, options),
  impute: (file, options) => imputeRun(run, file, options),
  sample: (options) => sampleRows(run, options),
  plot: async (options) => {
    const {
      model: { flow },
      paths,
      checkpoint,
    } = run;
    const data = await rowsFor(run, options);
    await writeAtomically(
      paths.density,
      densityPicture(flow, data, drawSamples(flow, 1000, { seed: checkpoint.seed }), data.source),
    );
    return [paths.density, ...(await writeCurves(paths, NATS))];
  },
  about: () => ({
    json: {
      columns: run.record.columns,
      dequantised: run.record.dequantised,
      ...(run.record.offsets === undefined ? {} : { offsets: run.record.offsets }),
    },
    lines: [['columns', run.record.columns.join(', ')], ...noiseLines(run.record), ...offsetLines(run.record)],
    ...describeFlow(run.model),
  }),
});

const noiseLines = ({ dequantised }: RunRecord): readonly (readonly string[])[] => {
  const columns = Object.entries(dequantised);
  return columns.length === 0
    ? []
    : [['noise added', columns.map(([name, resolution]) => `${name}: [0, ${number(resolution)})`).join(', ')]];
};

const offsetLines = ({ offsets = {} }: RunRecord): readonly (readonly string[])[] => {
  const columns = Object.entries(offsets);
  return columns.length === 0
    ? []
    : [['offset subtracted', columns.map(([name, offset]) => `${name}: ${offset}`).join(', ')]];
};
