import { OTHER_TABLE } from '../protocol/table.ts';
import type { Session } from '../state/session-types.ts';
import type { GivenFile } from './files.ts';

/**
 * Opens a model file. A density of two columns of numbers becomes the model of the page. Any other model of a table
 * opens beside it, with its report.
 */
export const openModelFile = async (
  session: Session,
  file: GivenFile,
  openRun: (file: GivenFile) => void,
): Promise<void> => {
  try {
    await session.openCheckpoint(file.name, file.bytes);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(OTHER_TABLE)) throw error;
    openRun(file);
  }
};
