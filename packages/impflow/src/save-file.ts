import { assertNode, FlowError, writeAtomically } from '@impflow/core';
import { shown } from './json/schema.ts';

/** Name of the file of a model in its folder. */
export const CHECKPOINT = 'checkpoint.safetensors';

/**
 * Writes the file of a model into a folder, and makes the folder if it is missing (Node).
 *
 * @throws `input` if the folder holds a model already and `force` is false; `unsupported` in a page.
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
  const path = join(folder, CHECKPOINT);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere && !force)
    throw new FlowError('input', 'impflow/save', `${folder} holds a model already`, {
      expected: 'a folder without one',
      got: path,
      hint: 'Choose another folder, or set the option force.',
    });
  await mkdir(folder, { recursive: true });
  await writeAtomically(path, bytes);
};
