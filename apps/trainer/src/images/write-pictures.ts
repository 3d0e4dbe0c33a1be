import { writeAtomically } from '@impflow/core';
import type { ImageDensity, Images } from '@impflow/vision';
import type { RunPaths } from '../run-folder/folder.ts';
import { interpolationsPicture, reconstructionsPicture, samplesPicture } from './pictures.ts';

/**
 * Draws samples, interpolations between test images, and reconstructions into the run folder. Returns the paths of the
 * files.
 */
export const writePictures = async (
  paths: RunPaths,
  density: ImageDensity,
  { test, seed }: { readonly test: Images; readonly seed: number },
): Promise<readonly string[]> => {
  await writeAtomically(paths.sampleGrid, await samplesPicture(density, seed));
  await writeAtomically(paths.interpolations, await interpolationsPicture(density, test));
  await writeAtomically(paths.reconstructions, await reconstructionsPicture(density, test));
  return [paths.sampleGrid, paths.interpolations, paths.reconstructions];
};
