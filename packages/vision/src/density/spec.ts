import { FlowError } from '@impflow/core';
import { imagePreset, type FlowSpec } from '@impflow/flows';
import { flowMethods } from 'impflow/run';
import type { ImageParts } from '../data/split-images.ts';
import type { ImageSettings } from '../options/settings.ts';

/**
 * The spec of a density of images.
 *
 * @throws `option` if the sides cannot be halved `scales` times.
 */
export const densitySpec = (
  { shape, source }: Pick<ImageParts, 'shape' | 'source'>,
  settings: Omit<ImageSettings, 'workers'>,
): FlowSpec => {
  const { scales = 2, kernels, factorOut, denseBlocks, denseHidden } = settings;
  const most = Math.min(halvings(shape[0]), halvings(shape[1]));
  if (scales > most)
    throw new FlowError('option', 'vision/fit', `The images of ${source} cannot be halved ${scales} times`, {
      expected: `sides that 2^${scales} divides, one halving for each of the option scales`,
      got: `${shape[0]} x ${shape[1]}`,
      hint:
        most === 0
          ? 'Pad or cut the images to even sides.'
          : `Set the option scales to ${most}${most > 1 ? ' or less' : ''}, or pad the images.`,
    });
  return imagePreset({
    shape,
    scales,
    ...flowMethods(settings),
    ...(kernels === undefined ? {} : { kernels }),
    ...(factorOut === undefined ? {} : { factorOut }),
    dense: {
      ...(denseBlocks === undefined ? {} : { blocks: denseBlocks }),
      ...(denseHidden === undefined ? {} : { hidden: denseHidden }),
    },
  });
};

/** How often a side can be halved. */
const halvings = (side: number): number => {
  let n = 0;
  while (side % 2 ** (n + 1) === 0) n++;
  return n;
};
