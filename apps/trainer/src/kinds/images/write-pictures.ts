import { writeAtomically } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import type { Images } from '@impflow/vision';
import type { Events } from '../../measure/events.ts';
import type { RunPaths } from '../../run-folder/folder.ts';
import { interpolationsPicture, reconstructionsPicture, samplesPicture } from './pictures.ts';

interface Pictured {
  readonly test: Images;
  /** The test images with noise. */
  readonly events: Events;
  readonly seed: number;
}

/**
 * Draws samples, interpolations between test images, and reconstructions into the run folder. Returns the paths of the
 * files.
 */
export const writePictures = async (
  paths: RunPaths,
  flow: NormalizingFlow,
  { test, events, seed }: Pictured,
): Promise<readonly string[]> => {
  await writeAtomically(paths.sampleGrid, samplesPicture(flow, seed));
  await writeAtomically(paths.interpolations, interpolationsPicture(flow, events));
  await writeAtomically(paths.reconstructions, reconstructionsPicture(flow, test, events));
  return [paths.sampleGrid, paths.interpolations, paths.reconstructions];
};
