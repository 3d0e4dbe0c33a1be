import { writeAtomically } from '@impflow/core';
import type { CurvePoint } from '@impflow/plots';
import type { Checkpoint } from '@impflow/training';
import type { Unit } from '../terminal/unit.ts';
import type { RunPaths } from './folder.ts';
import { readMetrics, type RecordedStep } from './metrics.ts';

/**
 * Draws the training curves into the run folder, if there are metrics. Returns the paths of the files. The curves mark
 * the step whose weights the model has.
 */
export const writeCurves = async (
  { paths, checkpoint }: { readonly paths: RunPaths; readonly checkpoint: Checkpoint },
  { name, perNat }: Unit,
): Promise<readonly string[]> => {
  const metrics = await readMetrics(paths);
  if (metrics.length === 0) return [];
  const { curvesPlot } = await import('@impflow/plots');
  const points = metrics.map((record) => curvePoint(record, perNat));
  const best = checkpoint.training?.best;
  const chosen =
    best === undefined
      ? {}
      : { chosen: { step: best.step, loss: best.nats * perNat, standardError: best.standardError * perNat } };
  await writeAtomically(paths.curves, curvesPlot(points, { unit: name, ...chosen }));
  return [paths.curves];
};

/**
 * Converts the metrics of a step to a point of the training curves. A validation loss that is not finite, which JSON
 * writes as `null`, is dropped.
 */
const curvePoint = ({ loss, validation, solves, ...metrics }: RecordedStep, perNat: number): CurvePoint => ({
  ...metrics,
  loss: loss * perNat,
  ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps }),
  ...(validation !== undefined && Number.isFinite(validation.nats) && Number.isFinite(validation.standardError)
    ? { validation: { loss: validation.nats * perNat, standardError: validation.standardError * perNat } }
    : {}),
});
