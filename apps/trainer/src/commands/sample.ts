import { viewOf } from '../kinds/kinds.ts';
import type { SampleOptions } from '../kinds/view.ts';
import { loadRun } from '../run/load.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { report } from './context.ts';

/** Draws samples from the model of a run. Returns the exit code. */
export const sample = async (run: string, options: SampleOptions): Promise<number> => {
  const names = await withPlugins(options.plugin, options);
  await startForRun(run, options, names);
  const { json, text } = await viewOf(await loadRun(run, names)).sample(options);
  report(options, json, text);
  return 0;
};
