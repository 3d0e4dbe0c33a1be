import { tabularPreset, toyPreset, type FlowSpec } from '@impflow/flows';
import { fitQuantiles, fitWhitening } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { tableBatches, type TableData } from '../../dataset/split-table.ts';
import { rowEvents } from '../../measure/events.ts';
import { gaussianLogProbs } from '../../measure/gaussian.ts';
import { heldOut, logProbs } from '../../measure/held-out.ts';
import type { PlacedMixture } from '../../measure/mixture.ts';
import { flowModel } from '../../model/model.ts';
import { FITTED, type DataSize, type Settings } from '../../settings/settings.ts';
import { NATS } from '../../terminal/unit.ts';
import type { Plan } from '../plan.ts';
import { densityChoices } from '../preset-options.ts';
import { baseOf, assignMixtureBase, fittedMixture, mixtureRemark } from './fitted-base.ts';
import { reportOnRows } from './test-report.ts';

/** Size of the data of a density of rows. */
export const rowsSize = ({ name, columns, train, draw }: TableData): DataSize => ({
  name,
  rows: draw === undefined ? train.rows : Infinity,
  dim: columns.length,
});

/** `seconds` of `chooseMixture` for a mixture that a flow begins as. Fits of more columns cost more. */
const baseSeconds = ({ columns }: TableData): number => Math.min(8, 5 + columns.length / 20);
/** `seconds` of `chooseMixture` for a mixture that appears only in the last table. */
const RIVAL_SECONDS = 1.2;

/**
 * The plan of a density of rows.
 *
 * @throws `input` for rows that no Gaussian fits; `option` for a fitted base under blocks that do not begin as the
 * identity.
 */
export const rowsPlan = (data: TableData, settings: Settings, given?: FlowSpec): Plan => {
  const { columns, dequantised, offsets, distinct } = data;
  const gaussian = heldOut(gaussianLogProbs(data.train, data.test));
  const plain = given ?? rowsSpec(data, settings);
  // A resumed run has its base in the checkpoint.
  const start = given === undefined && settings.base === FITTED ? mixtureUnder(data, settings) : undefined;
  const spec = start === undefined ? plain : { ...plain, base: baseOf(start.fit) };
  // The rival uses standardized columns, whatever the scaling of the flow.
  const mixture = () =>
    fittedMixture(data, standardized(data), {
      seed: settings.seed,
      seconds: settings.base === FITTED || settings.seconds !== undefined ? baseSeconds(data) : RIVAL_SECONDS,
    });
  return {
    spec,
    size: rowsSize(data),
    shape: [columns.length],
    rowsOfStep: tableBatches(data, settings.batch, runKey(settings.seed, 'batches')),
    record: {
      columns,
      dequantised,
      ...(Object.keys(offsets).length === 0 ? {} : { offsets }),
      ...(distinct ? { distinct } : {}),
    },
    unit: NATS,
    remarks: [...data.remarks, ...(start === undefined ? [] : [mixtureRemark(start)])],
    build: (options) => {
      const model = flowModel(spec, options);
      if (start !== undefined) assignMixtureBase(model, start, data);
      return {
        model,
        validate: async () => heldOut(logProbs(model.flow, rowEvents(data.validation))),
        test: (training) => reportOnRows(model, data, { gaussian, mixture }, training),
      };
    },
  };
};

/** The mixture that a flow with these settings would begin as with `--base fitted`. */
export const mixtureUnder = (data: TableData, settings: Settings): PlacedMixture =>
  fittedMixture(data, rowsSpec(data, settings).blocks, { seed: settings.seed, seconds: baseSeconds(data) });

const standardized = ({ scaling }: TableData): FlowSpec['blocks'] =>
  scaling === undefined ? [] : [{ kind: 'standardise', mean: scaling.mean, scale: scaling.scale }];

/** The spec of a flow of rows. */
export const rowsSpec = ({ columns, train, draw, scaling }: TableData, settings: Settings): FlowSpec => {
  const { base, ...choices } = densityChoices(settings);
  const { net, scaling: method = 'standard' } = settings;
  const preset = settings.preset ?? (draw === undefined ? 'tabular' : 'toy');
  const fitted = settings.base === FITTED;
  // The first batch sets an act-norm. With one, the flow would not begin as the mixture.
  const chosen = {
    dim: columns.length,
    ...choices,
    ...(fitted ? { actNorm: false } : base === undefined ? {} : { base }),
    ...(net === undefined ? {} : { net }),
    ...(scaling === undefined
      ? {}
      : method === 'quantiles'
        ? { quantiles: fitQuantiles(train) }
        : { scaling, ...(method === 'whitened' ? { whitening: fitWhitening(train, scaling) } : {}) }),
  };
  return preset === 'toy' ? toyPreset(chosen) : tabularPreset(chosen);
};
