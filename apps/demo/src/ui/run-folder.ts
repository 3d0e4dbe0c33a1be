import { readFile, type GivenFile } from './files.ts';

/** Name of the model in the folder that `impflow train` writes. */
const CHECKPOINT = 'checkpoint.safetensors';

/**
 * Reads the model of a run folder that the visitor has dropped. The result has the name of the folder.
 *
 * @throws for a folder without a model.
 */
export const runIn = async (folder: FileSystemDirectoryEntry): Promise<GivenFile> => {
  const file = await new Promise<File>((resolve, reject) => {
    folder.getFile(
      CHECKPOINT,
      {},
      (entry) => (entry as FileSystemFileEntry).file(resolve, reject),
      () =>
        reject(
          new Error(
            `No run in the folder ${folder.name}: expected the file ${CHECKPOINT}. Drop the folder that impflow train wrote (--out), or a single file.`,
          ),
        ),
    );
  });
  return { ...(await readFile(file)), name: folder.name };
};
