import { viewOf } from '../kinds/kinds.ts';
import type { ScoreOptions } from '../kinds/view.ts';
import { loadRun } from '../run/load.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { report } from './context.ts';

/** Scores every row or image of a file with the model of a run. Returns the exit code. */
export const score = async (run: string, file: string, options: ScoreOptions): Promise<number> => {
  const names = await withPlugins(options.plugin, options);
  await startForRun(run, options, names);
  const { json, text } = await viewOf(await loadRun(run, names, { ...options, judging: true })).score(file, options);
  report(options, json, text);
  return 0;
};
