import { writeAtomically } from '@impflow/core';
import type { CurvePoint } from '@impflow/plots';
import type { Unit } from '../terminal/unit.ts';
import type { RunPaths } from './folder.ts';
import { readMetrics, type RecordedStep } from './metrics.ts';

/** Draws the training curves into the run folder, if there are metrics. Returns the paths of the files. */
export const writeCurves = async (paths: RunPaths, { name, perNat }: Unit): Promise<readonly string[]> => {
  const metrics = await readMetrics(paths);
  if (metrics.length === 0) return [];
  const { curvesPlot } = await import('@impflow/plots');
  const points = metrics.map((record) => curvePoint(record, perNat));
  await writeAtomically(paths.curves, curvesPlot(points, { unit: name }));
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
