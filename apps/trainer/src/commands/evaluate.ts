import { viewOf } from '../kinds/kinds.ts';
import type { EvaluateOptions } from '../kinds/view.ts';
import { loadRun } from '../run/load.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { report } from './context.ts';

/** Prints the held-out figures of a run. Returns the exit code. */
export const evaluate = async (run: string, options: EvaluateOptions): Promise<number> => {
  const names = await withPlugins(options.plugin, options);
  await startForRun(run, options, names);
  const { json, text } = await viewOf(await loadRun(run, names, { ...options, judging: true })).evaluate(options);
  report(options, json, text);
  return 0;
};
