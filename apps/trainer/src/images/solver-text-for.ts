import { summaryOf, type SolveStatistics } from 'impflow/run';
import type { EvaluateOptions } from '../kinds/answer.ts';
import { solverText } from '../terminal/solver-text.ts';
import type { ImagesRun } from './images-run.ts';

/** Returns what `evaluate --solver` prints for a model of images. Without `--solver`, returns undefined. */
export const solverTextFor = (
  { model }: ImagesRun,
  { solves }: { readonly solves: readonly SolveStatistics[] },
  { solver = false }: EvaluateOptions,
): string | undefined => (solver ? solverText({ lipschitz: summaryOf(model.about().layers), solves }) : undefined);
