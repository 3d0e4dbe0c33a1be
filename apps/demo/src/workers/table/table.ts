import { FlowError, key } from '@impflow/core';
import { pickFrameRows, valuesOf, type Frame, type Values } from '@impflow/tables';
import { transfer } from 'comlink';
import type { LearnedTable, RowScores, TableFile, TableWorker } from '../../protocol/table.ts';
import { startBackend } from '../backends.ts';
import { readTable } from '../data/read-table.ts';
import { previewTable } from '../data/table-file.ts';
import { fillsOf, reasonsOf, rowAt, rowsFor, scoreRows } from './answers.ts';
import { filledCsv, scoresCsv } from './csv.ts';
import { learnTable } from './learn.ts';
import { categoriesOf, openBytes, type OpenedModel } from './opened.ts';
import { pairPicture, type PairColumn } from './pair.ts';

/** Number of draws from which the light of a picture is computed. */
const DRAWS = 4000;

/** The table that was scored last. */
interface Scored {
  readonly frame: Frame;
  readonly values: Values;
}

/** Creates the interface of the worker that learns a whole table and answers questions about its rows. */
export const table = (): TableWorker => {
  let opened: OpenedModel | undefined;
  let scored: Scored | undefined;
  let drawn: Values | undefined;

  const theModel = (): OpenedModel => {
    if (opened !== undefined) return opened;
    throw new FlowError('input', 'demo/table', 'No model is open', { hint: 'Learn a table, or open a model first.' });
  };
  const theTable = (): Scored => {
    if (scored !== undefined) return scored;
    throw new FlowError('input', 'demo/table', 'No table is open', { hint: 'Open a table with the rows.' });
  };
  const score = async (file: TableFile): Promise<RowScores> => {
    const model = theModel();
    const frame = await readTable(file, { categories: categoriesOf(model) });
    const rows = scoreRows(frame, model);
    scored = { frame, values: valuesOf(frame, model.trained.density.spec.columns) };
    drawn = undefined;
    return rows;
  };
  const use = (model: OpenedModel): LearnedTable => {
    opened?.model.dispose();
    [opened, scored, drawn] = [model, undefined, undefined];
    return { columns: model.columns, report: model.model.report };
  };
  /** Draws of the model, under the conditions of the rows of the table. The same draws are used for all pictures. */
  const draws = ({ trained }: OpenedModel): Values => {
    const { columns } = trained.density.spec;
    const given = columns.some((column) => column.given === true);
    const count = given && scored === undefined ? 0 : DRAWS;
    const conditions =
      given && scored !== undefined
        ? {
            given: pickFrameRows(
              scored.frame,
              Uint32Array.from({ length: count }, (_, i) => i % scored!.frame.rows),
            ),
          }
        : {};
    drawn ??=
      count === 0
        ? { rows: 0, columns: columns.map(() => new Float64Array()), remarks: [] }
        : valuesOf(trained.sample(count, { key: key(0), ...conditions }), columns);
    return drawn;
  };

  return {
    preview: ({ name, bytes }) => previewTable(name, bytes),
    learn: async (file, choice, tell) => {
      await startBackend('wasm');
      const model = await learnTable(await readTable(file, { minRows: 10 }), choice, tell);
      const learned = use(model);
      tell({ share: 1, text: 'Looking for strange rows…' });
      return { ...learned, rows: await score(file) };
    },
    open: async (name, bytes) => {
      await startBackend('wasm');
      return use(openBytes(name, bytes));
    },
    score,
    pair: (across, up) => {
      const model = theModel();
      const { columns } = model.trained.density.spec;
      const columnOf = (name: string): PairColumn => {
        const j = columns.findIndex((column) => column.name === name);
        return { spec: columns[j]!, rows: scored?.values.columns[j] ?? [], draws: draws(model).columns[j]! };
      };
      return pairPicture(columnOf(across), columnOf(up));
    },
    explain: (row) => reasonsOf(theModel(), rowAt(theTable().frame, theModel(), row)),
    fill: (row) => fillsOf(theModel(), rowAt(theTable().frame, theModel(), row)),
    scoresAsCsv: () => {
      const [{ frame }, { trained }] = [theTable(), theModel()];
      return scoresCsv(frame, trained.score(frame), trained.estimated);
    },
    filledAsCsv: () => {
      const [model, { frame }] = [theModel(), theTable()];
      const filled = model.model.impute(rowsFor(frame, model)).map(([first]) => first!);
      return filledCsv(frame, filled);
    },
    checkpoint: () => {
      const bytes = theModel().model.toBytes();
      return transfer(bytes, [bytes.buffer as ArrayBuffer]);
    },
    ping: () => 0,
  };
};
