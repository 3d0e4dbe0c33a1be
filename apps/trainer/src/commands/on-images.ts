import { classifierCommands } from '../classes/commands.ts';
import { densityCommands } from '../images/commands.ts';
import type { ImagesRun } from '../images/images-run.ts';
import type { RunCommands } from '../kinds/answer.ts';

/** Commands on a trained model of images. */
export const imagesCommands = ({ model, ...run }: ImagesRun): RunCommands =>
  model.kind === 'density' ? densityCommands({ ...run, model }) : classifierCommands({ ...run, model });
