import { writeAtomically } from '@impflow/core';
import { curvesPlot } from '../plots/curves.ts';
import type { RunPaths } from '../run-folder/folder.ts';
import { curvePoint, readMetrics } from '../run-folder/metrics.ts';
import type { Unit } from '../terminal/unit.ts';

/** Draws the training curves into the run folder, if there are metrics. Returns the paths of the files. */
export const writeCurves = async (paths: RunPaths, unit: Unit): Promise<readonly string[]> => {
  const metrics = await readMetrics(paths);
  if (metrics.length === 0) return [];
  await writeAtomically(paths.curves, curvesPlot(metrics.map(curvePoint), { unit }));
  return [paths.curves];
};
