import type { ClassifierSpec, FlowSpec } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';

/** Spec of a model that a checkpoint may contain: a density of rows, a flow, or a classifier. */
export type ModelSpec = FlowSpec | ClassifierSpec | RecordsSpec;

/** Returns whether a spec describes a classifier. */
export const isClassifierSpec = (spec: unknown): spec is ClassifierSpec =>
  (spec as Partial<ClassifierSpec> | null)?.kind === 'classifier';

/** Returns whether a spec describes a density of the rows of a table. */
export const isRecordsSpec = (spec: unknown): spec is RecordsSpec =>
  (spec as Partial<RecordsSpec> | null)?.kind === 'records';

/** Returns whether a spec describes a density of images. */
export const isImagesSpec = (spec: unknown): spec is FlowSpec =>
  !isClassifierSpec(spec) && !isRecordsSpec(spec) && (spec as Partial<FlowSpec> | null)?.shape?.length === 3;
