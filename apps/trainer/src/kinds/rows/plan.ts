import { tabular, toy, type FlowSpec } from '@impflow/flows';
import { tableBatches, type TableData } from '../../dataset/tables.ts';
import { rowEvents } from '../../measure/events.ts';
import { gaussianLogProbs } from '../../measure/gaussian.ts';
import { heldOut, logProbs } from '../../measure/held-out.ts';
import { NATS } from '../../measure/unit.ts';
import { flowModel } from '../../run/model.ts';
import { batchKey } from '../../run/purposes.ts';
import type { DataSize, Settings } from '../../run/settings.ts';
import { densityChoices } from '../choices.ts';
import type { Plan } from '../plan.ts';
import { concludeRows } from './conclude.ts';

export const rowsSize = ({ name, columns, train, draw }: TableData): DataSize => ({ kind: 'rows', name, rows: draw === undefined ? train.rows : Infinity, dim: columns.length });

/** A density of rows. @throws `input` for rows that not even a Gaussian fits. */
export const rowsPlan = (data: TableData, settings: Settings, spec: FlowSpec = rowsSpec(data, settings)): Plan => {
  const { columns, dequantised } = data;
  const gaussian = heldOut(gaussianLogProbs(data.train, data.test));
  return {
    spec, size: rowsSize(data), shape: [columns.length], batch: tableBatches(data, settings.batch, batchKey(settings.seed)), record: { columns, dequantised }, unit: NATS,
    remarks: dequantised.length === 0 ? [] : [`Whole numbers in ${dequantised.join(', ')}: uniform noise in [0, 1) added, so that a density exists.`],
    build: (options) => {
      const learned = flowModel(spec, options);
      return {
        learned,
        validate: async () => heldOut(logProbs(learned.flow, rowEvents(data.validation))),
        conclude: (outcome) => concludeRows(learned, data, gaussian, outcome),
      };
    },
  };
};

const rowsSpec = ({ columns, draw, scaling }: TableData, settings: Settings): FlowSpec => {
  const chosen = { dim: columns.length, ...densityChoices(settings), ...(scaling === undefined ? {} : { scaling }) };
  return (settings.preset ?? (draw === undefined ? 'tabular' : 'toy')) === 'toy' ? toy(chosen) : tabular(chosen);
};
