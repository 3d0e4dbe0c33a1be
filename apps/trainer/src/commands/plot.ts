import { viewOf } from '../kinds/kinds.ts';
import type { PlotOptions } from '../kinds/view.ts';
import { findRunFolder } from '../run/folder.ts';
import { loadRun } from '../run/load.ts';
import { readMetrics } from '../run/metrics.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { report } from './context.ts';

/** Draws the pictures of a run into its folder, and the training curves if it has metrics. Returns the exit code. */
export const plot = async (run: string, options: PlotOptions): Promise<number> => {
  // Broken metrics must be reported before anything is drawn.
  await readMetrics(await findRunFolder(run));
  const names = await withPlugins(options.plugin, options);
  await startForRun(run, options, names);
  const files = await viewOf(await loadRun(run, names)).plot(options);
  report(options, { files }, () => `Written: ${files.join(', ')}`);
  return 0;
};
