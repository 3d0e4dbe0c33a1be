import { assignMixture, chooseMixture, mixtureLogProbs, type MixtureChoice } from '@impflow/flows';
import {
  coordinatesOfRecords,
  eventsOfRecords,
  eventSizeOf,
  filledByDraws,
  filledByMedian,
  fitApproximation,
  joinedValues,
  layoutOf,
  logCategoriesOf,
  recordsSpec,
  type RecordsSpec,
} from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { RecordPart } from '../../dataset/record-part.ts';
import type { RecordData } from '../../dataset/split-records.ts';
import { tableBatches } from '../../dataset/split-table.ts';
import { heldOut, type HeldOut } from '../../measure/held-out.ts';
import { mixtureText } from '../../measure/mixture.ts';
import { logProbsOfRecords } from '../../measure/record-densities.ts';
import { recordsModel } from '../../model/model.ts';
import { FITTED, type DataSize, type Settings } from '../../settings/settings.ts';
import { NATS } from '../../terminal/unit.ts';
import type { Plan } from '../plan.ts';
import { densityChoices } from '../preset-options.ts';
import { columnTable } from './column-table.ts';
import { widened } from './spread.ts';
import { reportOnRecords } from './test-report.ts';

/** Size of the data of a density of records. */
export const recordsSize = ({ name, train, open, fitted }: RecordData): DataSize => ({
  name,
  rows: train.values.rows + open.values.rows,
  dim: fitted.maps.length,
  seesNumbers: fitted.columns.some(({ kind, given }) => kind === 'number' && given === true),
});

/** Budget of the choice of the mixture that a flow begins as, in seconds: see `chooseMixture`. */
const SECONDS = 5;

/** The plan of a density of records. */
export const recordsPlan = (data: RecordData, settings: Settings, given?: RecordsSpec): Plan => {
  const train = trainingRows(data, settings);
  const fitted = specOf(data, train, settings);
  const mixture = settings.base === FITTED ? mixtureOf(fitted, train, data.validation, settings) : undefined;
  const spec: RecordsSpec =
    given ??
    (mixture === undefined
      ? fitted
      : {
          ...fitted,
          flow: {
            ...fitted.flow,
            base: {
              name: 'mixture',
              options: { components: mixture.fit.components, covariance: mixture.fit.covariance },
            },
          },
        });
  return {
    spec,
    size: recordsSize(data),
    shape: [eventSizeOf(spec) + 1],
    rowsOfStep: weightedBatches(spec, train, settings),
    record: { columns: [], dequantised: {}, ...(data.distinct ? { distinct: true } : {}) },
    unit: NATS,
    remarks: [
      ...data.remarks,
      ...columnTable(data),
      ...(mixture === undefined
        ? []
        : [`Base: Gaussian mixture of ${mixtureText(mixture)}, fitted to the residuals of the regression.`]),
    ],
    build: (options) => {
      const model = recordsModel(spec, options);
      if (mixture !== undefined && given === undefined) assignMixture(model.records.flow.base, mixture.fit);
      const validate = async (): Promise<HeldOut> =>
        heldOut(logProbsOfRecords(model, data.validation.values), data.validation.weights);
      let spread: number | undefined;
      return {
        model,
        validate,
        ...(mixture === undefined
          ? {}
          : {
              adjust: async () => {
                spread = await widened(model.records.flow, async () => (await validate()).nats);
              },
            }),
        test: (training) =>
          reportOnRecords(
            model,
            data,
            { gaussian: gaussianOf(fitted, data), mixture: mixture && mixtureHeldOut(fitted, mixture, data), spread },
            training,
          ),
      };
    },
  };
};

/** Training rows without gaps: those that have none, and those whose gaps are filled as the options say. */
const trainingRows = ({ train, open, fitted }: RecordData, settings: Settings): RecordPart => {
  if (open.values.rows === 0) return train;
  const layout = layoutOf(fitted);
  const filled =
    settings.missing === 'median'
      ? filledByMedian(open.values, layout, train.values)
      : filledByDraws(
          fitApproximation(recordsSpec(fitted, train.values), train.values, runKey(settings.seed, 'mixture')),
          open.values,
          runKey(settings.seed, 'data'),
        );
  return {
    values: joinedValues([train.values, filled]),
    weights: Float64Array.from([...train.weights, ...open.weights]),
  };
};

/** The spec before its base is fitted: with a normal one, or the one of the options. */
const specOf = ({ fitted }: RecordData, { values, weights }: RecordPart, settings: Settings): RecordsSpec => {
  const { base, ...choices } = densityChoices(settings);
  const isWeighted = weights.some((weight) => weight !== weights[0]);
  return recordsSpec(fitted, values, {
    ...choices,
    actNorm: false,
    ...(base === undefined || settings.base === FITTED ? {} : { base }),
    ...(settings.net === undefined ? {} : { net: settings.net }),
    ...(isWeighted ? { weights } : {}),
  });
};

const mixtureOf = (spec: RecordsSpec, train: RecordPart, validation: RecordPart, { seed }: Settings): MixtureChoice =>
  chooseMixture(coordinatesOfRecords(spec, train.values).values, coordinatesOfRecords(spec, validation.values).values, {
    dim: spec.flow.dim,
    key: runKey(seed, 'mixture'),
    seconds: SECONDS,
  });

/** Test figures of the regression with normal residuals, and of the tree of categories. */
const gaussianOf = (spec: RecordsSpec, data: RecordData): HeldOut => {
  const { values, weights } = data.test;
  const { values: z, logDet } = coordinatesOfRecords(spec, values);
  const d = spec.flow.dim;
  const categories = logCategoriesOf(spec, values);
  const each = logDet.map((value, row) => {
    let squares = 0;
    for (let i = 0; i < d; i++) squares += z[row * d + i]! ** 2;
    return value + categories[row]! - 0.5 * (squares + d * Math.log(2 * Math.PI));
  });
  return heldOut(each, weights);
};

/** Test figures of the regression with residuals of the mixture, and of the tree of categories. */
const mixtureHeldOut = (spec: RecordsSpec, { fit }: MixtureChoice, data: RecordData): HeldOut => {
  const { values, weights } = data.test;
  const { values: z, logDet } = coordinatesOfRecords(spec, values);
  const categories = logCategoriesOf(spec, values);
  return heldOut(
    mixtureLogProbs(fit, z).map((value, row) => value + logDet[row]! + categories[row]!),
    weights,
  );
};

/** Batches of events with their weights, in a new order every epoch. */
const weightedBatches = (spec: RecordsSpec, { values, weights }: RecordPart, settings: Settings) => {
  const events = eventsOfRecords(spec, values);
  const size = events.length / values.rows;
  const rows = new Float32Array(values.rows * (size + 1));
  for (let row = 0; row < values.rows; row++) {
    rows.set(events.subarray(row * size, (row + 1) * size), row * (size + 1));
    rows[row * (size + 1) + size] = weights[row]!;
  }
  const columns = Array.from({ length: size + 1 }, (_, i) => `x${i}`);
  return tableBatches(
    { train: { columns, rows: values.rows, values: rows, source: 'the training rows' } },
    settings.batch,
    runKey(settings.seed, 'batches'),
  );
};
