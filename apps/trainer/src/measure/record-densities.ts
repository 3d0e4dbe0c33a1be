import { fold, key, type SolveReport } from '@impflow/core';
import type { Values } from '@impflow/tables';
import type { RecordsModel } from '../model/model.ts';
import { batched } from './batched.ts';
import { valueEvents } from './events.ts';

/** `log p` of complete records, `[rows]`: see `logProbs`. */
export const logProbsOfRecords = (
  { records }: Pick<RecordsModel, 'records'>,
  values: Values,
  report?: (report: SolveReport, firstRow: number) => void,
): Float32Array =>
  batched(valueEvents(records.eventsOf(values), [records.size]), (x, firstRow) =>
    records.logProb(x, {
      key: fold(key(0), firstRow),
      ...(report === undefined ? {} : { report: (solve: SolveReport) => report(solve, firstRow) }),
    }),
  );
