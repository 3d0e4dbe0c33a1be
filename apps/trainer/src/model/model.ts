import { FlowError, scoped, sizeOf, type Key, type Shape } from '@impflow/core';
import {
  buildClassifier,
  buildFlow,
  crossEntropy,
  type BuildOptions,
  type Classifier,
  type ClassifierSpec,
  type FlowSpec,
  type NormalizingFlow,
} from '@impflow/flows';
import { recordFlow, type RecordFlow, type RecordsSpec } from '@impflow/tables';
import type { Learnable, Mappable, RowMap, Trainable } from '@impflow/training';
import { cast, mean, mul, neg, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';

/** Spec of a model. */
export type ModelSpec = FlowSpec | ClassifierSpec | RecordsSpec;

/** A model with its loss and its outputs, for training and evaluation. */
interface WithLoss extends Learnable, Mappable {
  /** The flow or the classifier itself, as `fit` takes it. */
  readonly model: Trainable;
  /**
   * `outputs` computes held-out outputs: log-densities `[B]` of rows or gray levels `[B, ...event]`, or logits
   * `[B, classes]` of images.
   */
  readonly maps: { readonly outputs: RowMap };
  /** Shape of a row of a batch. */
  readonly shape: Shape;
  /** Data-dependent initialization from a first batch. */
  initialize(batch: Tensor): void;
  /** @throws `option` if the loss of a first batch shows that model and data do not fit. */
  check(batch: Tensor, key: Key): void;
}

/** A density of rows or of images. */
export interface FlowModel extends WithLoss {
  readonly kind: 'flow';
  readonly spec: FlowSpec;
  readonly flow: NormalizingFlow;
}

/** A density of records. A row of a batch holds an event of its {@link RecordFlow} and, last, its weight. */
export interface RecordsModel extends WithLoss {
  readonly kind: 'records';
  readonly spec: RecordsSpec;
  readonly records: RecordFlow;
}

/** A classifier of images. A row of a batch holds an image and, last, its label. */
export interface ClassifierModel extends WithLoss {
  readonly kind: 'classifier';
  readonly spec: ClassifierSpec;
  readonly classifier: Classifier;
}

/** Model of a run. */
export type RunModel = FlowModel | ClassifierModel | RecordsModel;

/** Number of learned parameters. */
export const parametersOf = ({ parameters }: Pick<Trainable, 'parameters'>): number =>
  Object.values(parameters).reduce((sum, parameter) => sum + parameter.size, 0);

/** Whether a spec is that of a classifier. */
export const isClassifierSpec = (spec: ModelSpec): spec is ClassifierSpec =>
  (spec as Partial<ClassifierSpec> | null)?.kind === 'classifier';

/** Whether a spec is that of a density of records. */
export const isRecordsSpec = (spec: ModelSpec): spec is RecordsSpec =>
  (spec as Partial<RecordsSpec> | null)?.kind === 'records';

/** Whether a spec is that of a density of rows or of images. */
const isFlowSpec = (spec: ModelSpec): spec is FlowSpec => !isClassifierSpec(spec) && !isRecordsSpec(spec);

/** Whether a spec is that of a density of rows. */
export const isRowsSpec = (spec: ModelSpec): spec is FlowSpec => isFlowSpec(spec) && !isImagesSpec(spec);

/** Whether a spec is that of a density of images. */
export const isImagesSpec = (spec: ModelSpec): spec is FlowSpec => isFlowSpec(spec) && spec.shape?.length === 3;

/** Shape of the numbers that a model of a spec describes: a row, or an image. */
export const eventShapeOf = (spec: ModelSpec): Shape =>
  isClassifierSpec(spec) ? spec.shape : isRecordsSpec(spec) ? [spec.flow.dim] : (spec.shape ?? [spec.dim]);

/** Builds the model of a spec with new parameters, in the main thread and in workers. */
export const buildModel = (spec: ModelSpec, options: BuildOptions = {}): RunModel =>
  isClassifierSpec(spec)
    ? classifierModel(spec, options)
    : isRecordsSpec(spec)
      ? recordsModel(spec, options)
      : flowModel(spec, options);

/** A flow, whose loss is the mean negative log-density. */
export const flowModel = (spec: FlowSpec, options: BuildOptions = {}): FlowModel => {
  const flow = buildFlow(spec, options);
  return {
    kind: 'flow',
    spec,
    flow,
    model: flow,
    shape: flow.shape,
    loss: (rows, key, report) => neg(mean(flow.logProb(rows, { train: true, key, report }))),
    maps: { outputs: (rows, key, report) => flow.logProb(rows, { key, report }) },
    initialize: (batch) => flow.initialize(batch, { train: true }),
    check: (batch, key) => assertFinite(() => flow.logProb(batch, { train: true, key }), flow.base.name),
  };
};

/** A flow of records, whose loss is the weighted mean of the negative log-density. */
export const recordsModel = (spec: RecordsSpec, options: BuildOptions = {}): RecordsModel => {
  const records = recordFlow(spec, options);
  const { flow, size } = records;
  const part = (rows: Tensor, first: number, width: number): Tensor => slice(rows, [0, first], [rows.shape[0]!, width]);
  return {
    kind: 'records',
    spec,
    records,
    model: flow,
    shape: [size + 1],
    loss: (rows, key, report) => {
      const weights = reshape(part(rows, size, 1), [rows.shape[0]!]);
      return neg(mean(mul(weights, records.logProb(part(rows, 0, size), { train: true, key, report }))));
    },
    maps: { outputs: (rows, key, report) => records.logProb(part(rows, 0, size), { key, report }) },
    // No block of these flows has parameters that depend on data.
    initialize: () => {},
    check: (batch, key) =>
      assertFinite(() => records.logProb(part(batch, 0, size), { train: true, key }), flow.base.name),
  };
};

/**
 * Checks the log-densities of a first batch. A solver, an estimator or a base density that does not fit the data fails
 * here.
 */
const assertFinite = (logProb: () => Tensor, base: string): void =>
  scoped(() => {
    const densities = logProb().dataSync<'float32'>();
    const without = densities.reduce((count, density) => count + (Number.isFinite(density) ? 0 : 1), 0);
    if (without === 0) return;
    throw new FlowError('option', 'cli', `The base density ${base} does not fit the data`, {
      expected: 'a finite log-density of every row',
      got: `none for ${without} of ${densities.length} rows before training`,
      hint: 'Choose another --base, or look for extreme values.',
    });
  });

/** A classifier, whose loss is the mean cross-entropy. */
export const classifierModel = (
  spec: ClassifierSpec,
  { memory: _memory, ...options }: BuildOptions = {},
): ClassifierModel => {
  const classifier = buildClassifier(spec, options);
  const size = sizeOf(spec.shape);
  const loss: Learnable['loss'] = (rows, key, report) => {
    const count = rows.shape[0]!;
    const images = reshape(slice(rows, [0, 0], [count, size]), [count, ...spec.shape]);
    const labels = cast(reshape(slice(rows, [0, size], [count, 1]), [count]), 'int32');
    return crossEntropy(classifier.logits(images, { train: true, key, report }), labels);
  };
  return {
    kind: 'classifier',
    spec,
    classifier,
    model: classifier,
    shape: [size + 1],
    loss,
    maps: { outputs: (images, key, report) => classifier.logits(images, { key, report }) },
    initialize: () => {},
    check: (batch, key) =>
      scoped(() => {
        const [first] = loss(batch, key, () => {}).dataSync<'float32'>();
        if (!Number.isFinite(first))
          throw new FlowError('option', 'cli', 'The classifier does not fit the data', {
            expected: 'a finite loss before training',
            got: String(first),
            hint: 'Lower --coeff, or choose another --activation.',
          });
      }),
  };
};
