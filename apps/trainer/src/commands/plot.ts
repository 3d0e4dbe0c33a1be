import { writeAtomically } from '@impflow/core';
import { curvesPlot } from '../plots/curves.ts';
import { loadRun } from '../run/load.ts';
import { curvePoint, readMetrics } from '../run/metrics.ts';
import { densityPicture, drawSamples } from '../run/pictures.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { report, type ComputingOptions } from './context.ts';
import { rowsFor } from './evaluate.ts';

export interface PlotOptions extends ComputingOptions {
  /** Rows to draw beside the model. Default: the test rows of the run. */
  readonly data?: string;
}

/** Draws `density.png`, and `curves.png` where the run has metrics, into the run folder. */
export const plot = async (run: string, options: PlotOptions): Promise<number> => {
  await startForRun(run, options);
  const loaded = await loadRun(run, await withPlugins(options.plugin));
  const { flow, paths, checkpoint } = loaded;
  const rows = await rowsFor(loaded, options);
  await writeAtomically(paths.density, densityPicture(flow, rows, drawSamples(flow, 1000, { seed: checkpoint.seed }), rows.source));
  const metrics = await readMetrics(paths);
  if (metrics.length > 0) await writeAtomically(paths.curves, curvesPlot(metrics.map(curvePoint)));
  const files = [paths.density, ...(metrics.length > 0 ? [paths.curves] : [])];
  report(options, { files }, () => `Written: ${files.join(', ')}`);
  return 0;
};
