import type { Registries } from '@impflow/flows';
import type { Checkpoint, TrainingState } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import { startingPoint } from '../train/train-to-checkpoint.ts';
import type { Batches } from './batches.ts';
import { buildLearner, initializeLearner, type Learner } from './learner.ts';
import { startAsMixture } from './mixture.ts';
import type { TableParts } from './split.ts';
import type { TablePlan } from './table-plan.ts';

/**
 * Creates the density of a plan and the state from which its training starts. A new density is initialized by the first
 * batch, or starts as the mixture of the plan. The caller disposes the tensors.
 *
 * @throws the errors of `startingPoint`, `initializeLearner` and `startAsMixture`.
 */
export const startOfPlan = (
  { spec, settings, mixture }: TablePlan,
  { shape, rowsOfStep }: Batches,
  { validation }: TableParts,
  registries: Registries,
  resume?: Checkpoint,
): { readonly learner: Learner; readonly state: TrainingState } =>
  startingPoint(
    settings,
    resume,
    (building) => buildLearner(spec, { ...building, registries }),
    (learner, key) => {
      initializeLearner(learner, tensor(rowsOfStep(0), [...shape]), key);
      if (mixture !== undefined) startAsMixture(learner.density, mixture, validation.values);
    },
  );
