import { assertNode, FlowError, writeAtomically, shown } from '@impflow/core';
import { localPath } from './rows/address.ts';

/** Name of the model file in the folder of a saved model. */
export const CHECKPOINT = 'checkpoint.safetensors';

/**
 * Writes the model file into a folder (Node). The folder is created if it does not exist.
 *
 * @throws `input` if the folder already contains a model and `force` is false; `unsupported` in a web page.
 */
export const saveFile = async (folder: string, bytes: Uint8Array, force: boolean): Promise<void> => {
  assertNode('impflow/save', 'Offer model.toBytes() as a download instead.');
  if (typeof folder !== 'string')
    throw new FlowError('input', 'impflow/save', 'No folder to save to', {
      expected: 'a path',
      got: shown(folder),
      hint: 'Write save("runs/mine").',
    });
  const { mkdir, stat } = process.getBuiltinModule('node:fs/promises');
  const { join } = process.getBuiltinModule('node:path');
  const own = localPath(folder);
  const path = join(own, CHECKPOINT);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere && !force)
    throw new FlowError('input', 'impflow/save', `${folder} already contains a model`, {
      expected: 'a folder without a model',
      got: path,
      hint: 'Choose another folder, or set the option force.',
    });
  await mkdir(own, { recursive: true });
  await writeAtomically(path, bytes);
};
