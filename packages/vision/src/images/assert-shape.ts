import { FlowError } from '@impflow/core';
import type { Images } from './images.ts';

/** Checks that images have the size that a model was trained on. @throws `input` if the size differs. */
export const assertShape = ({ shape, source }: Pick<Images, 'shape' | 'source'>, wanted: Images['shape']): void => {
  if (shape.join() === wanted.join()) return;
  const channels = wanted[2] === 1 ? '1 channel' : `${wanted[2]} channels`;
  throw new FlowError('input', 'vision/images', `${source} does not fit the model`, {
    expected: `images ${wanted[0]} x ${wanted[1]} with ${channels}`,
    got: `${shape[0]} x ${shape[1]} with ${shape[2]}`,
    hint: 'Scale the images to the size of the images that the model was trained on.',
  });
};
