import type { FlowSpec } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import type { Checkpoint } from '@impflow/training';
import type { TableContents } from '../checkpoint/contents.ts';
import { isRecordsSpec } from '../checkpoint/spec-kind.ts';
import { FITTED } from '../options/settings.ts';
import { mixtureText, type MixtureShape } from './mixture.ts';
import { STANDARDIZED, wordsOfSpec } from './preparation.ts';

/** Kinds of blocks after which a flow is named, if a checkpoint has no options. */
const KINDS: readonly string[] = ['implicit', 'residual', 'coupling'];

/**
 * Returns the name of the model of a table in a checkpoint, such as `implicit flow`. The name states what the numbers
 * of the model are due to. If the training started from a Gaussian mixture that was fitted to the training rows, the
 * name contains this mixture: `implicit flow from a Gaussian mixture, 3 full components`. If no step of the training
 * lowered the validation loss, the model is the mixture itself: `Gaussian mixture, 3 full components; the flow did not
 * improve it`. Every report, screen and picture takes the name from this function.
 */
export const modelName = ({
  spec,
  extra,
  training,
  step,
}: Pick<Checkpoint, 'spec' | 'extra' | 'training' | 'step'>): string => {
  // An imported model has the spec of a flow, without columns.
  const flow = isRecordsSpec(spec) ? spec.flow : (spec as FlowSpec);
  const { options } = (extra ?? {}) as Partial<TableContents>;
  const kind = options?.model ?? flow.blocks.find((block) => KINDS.includes(block.kind))?.kind ?? 'normalizing';
  const shape = flow.base.options as Partial<MixtureShape> | undefined;
  // A foreign checkpoint may have options that do not fit its spec.
  if (options?.base !== FITTED || shape?.components === undefined || !isRecordsSpec(spec)) return `${kind} flow`;
  const start = mixtureName(spec, shape as MixtureShape);
  return (training?.best?.step ?? step) === 0
    ? `${start}; the flow did not improve it`
    : `${kind} flow from a ${start}`;
};

/**
 * Returns the name of a Gaussian mixture that was fitted to the columns of a spec, such as `Gaussian mixture, 3 full
 * components, whitened columns`. Standardized columns are not named. A mixture of one component is called a regularized
 * Gaussian, because its regularization was chosen on rows that it was not fitted to. With categories or conditions, the
 * mixture is the density of the residuals of a linear regression.
 */
export const mixtureName = (spec: RecordsSpec, shape: MixtureShape): string => {
  const words = wordsOfSpec(spec);
  return `${isRegression(spec) ? 'linear regression + ' : ''}${shape.components === 1 ? 'regularized Gaussian' : `Gaussian mixture, ${mixtureText(shape)}`}${words === STANDARDIZED ? '' : `, ${words}`}`;
};

/** Returns whether a density begins with a linear regression on its categories and conditions. */
export const isRegression = ({ flow }: Pick<RecordsSpec, 'flow'>): boolean => (flow.context ?? 0) > 0;
