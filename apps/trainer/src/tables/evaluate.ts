import { FlowError } from '@impflow/core';
import { withNamesOf } from '@impflow/jobs';
import { completeRows, readingFor } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { Evaluation, Report, Rival } from 'impflow';
import { byGaps, evaluatePart, hashOf, lipschitzOf, modelName, number, readPart, type Part } from 'impflow/run';
import type { Answer, EvaluateOptions } from '../kinds/answer.ts';
import { note } from '../terminal/output.ts';
import { solverText } from '../terminal/solver-text.ts';
import { partsOfRun, type LoadedTable } from './loaded-table.ts';
import { evaluationText, withErrorOrNull } from './report-text.ts';
import { cellsOf } from './rows-of.ts';

/** Evaluates a density of a table on held-out rows. */
export const evaluateTable = async (run: LoadedTable, options: EvaluateOptions): Promise<Answer> => {
  const { density, estimated, checkpoint, contents, paths } = run;
  const { report } = contents;
  const won = modelName(checkpoint);
  const { part, source } = await rowsToJudge(run, options);
  const found = evaluatePart(density, part, { estimated, source, seed: checkpoint.seed });
  return {
    json: {
      run: paths.folder,
      steps: checkpoint.step,
      won,
      ...found,
      heldOut: withErrorOrNull(found.heldOut),
      bits: { mean: found.heldOut.nats / Math.LN2, standardError: found.heldOut.standardError / Math.LN2 },
    },
    text: () =>
      evaluationText(found, {
        won,
        // The rivals of the training were scored on the test rows of the run.
        ...(options.data === undefined && report !== undefined && hasLeads(report) ? { report } : {}),
        isTest: options.data === undefined,
        solver: options.solver === true ? solverTextOf(run, found) : undefined,
      }),
  };
};

/** Returns whether a report has the leads of the model. Reports of early versions have none. */
const hasLeads = ({ rivals }: Report): boolean => rivals.every(({ lead }: Partial<Rival>) => lead !== undefined);

/** Returns what `evaluate --solver` prints for a table. */
const solverTextOf = ({ density, contents }: LoadedTable, { estimateError, roundTrip, solves }: Evaluation): string => {
  const { spread = 1 } = contents.report ?? {};
  return solverText({
    lines: [
      ...(estimateError === undefined
        ? []
        : [['standard error of the log-determinant estimate', `± ${number(estimateError, 2)}`]]),
      ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(roundTrip, 2)],
      ...(spread === 1
        ? []
        : [['factor of the standard deviations of the base, from the validation rows', `× ${number(spread, 3)}`]]),
    ],
    lipschitz: lipschitzOf(density),
    solves,
  });
};

/**
 * Returns the rows to evaluate: the test rows of the run, or the rows of `data` without gaps. `gaps` is the number of
 * rows that are left out because of gaps.
 */
export const rowsToJudge = async (
  run: LoadedTable,
  { data, ...options }: EvaluateOptions,
): Promise<{ readonly part: Part; readonly source: string; readonly gaps: number }> => {
  if (data === undefined) {
    const parts = await partsOfRun(run);
    return { part: parts.test, source: parts.source, gaps: parts.gaps.test };
  }
  const { contents, checkpoint, registries, density } = run;
  const { columns } = density.spec;
  const { columns: names, categories } = readingFor(columns);
  const frame = withNamesOf(await cellsOf(data, registries, { ...options, categories, columns: names }), names);
  for (const remark of frame.remarks ?? []) note(options, remark);
  const { hash } = contents.provenance ?? {};
  if (hash !== undefined && hash === (await hashOf(frame)))
    note(
      options,
      `${data} contains all rows of the run, including its training rows: leave --data out for the test rows.`,
    );
  const weights = contents.options?.weights;
  const isWeighted = weights !== undefined && frame.columns.some(({ name }) => name === weights);
  if (weights !== undefined && !isWeighted)
    note(options, `No column of weights "${weights}" in ${frame.source}: all rows weigh the same.`);
  const read = readPart(
    frame,
    { columns },
    { key: runKey(checkpoint.seed, 'data'), ...(isWeighted ? { weights } : {}) },
  );
  for (const remark of read.values.remarks) note(options, remark);
  const complete = completeRows(read.values, density.layout).length;
  if (complete === 0)
    throw new FlowError('input', 'cli', `No row without gaps in ${data}`, {
      expected: 'at least one: densities of different sets of columns cannot be compared',
      got: `${read.values.rows} rows with gaps`,
      hint: 'The command impflow score scores rows with gaps.',
    });
  const { rows } = read.values;
  if (complete < rows) note(options, `${number(rows - complete)} of ${number(rows)} rows have gaps and are left out.`);
  return { part: byGaps(read, density.layout).complete, source: frame.source, gaps: rows - complete };
};
