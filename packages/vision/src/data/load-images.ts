import type { Images } from '../images/images.ts';
import { readImages } from '../readers/read-images.ts';
import { imageDatasets, type ImageSplit } from './bundled-images.ts';

/** Images to train on. The test images may be given separately. */
export type ImageSource = ImageSplit | { readonly all: Images };

/**
 * Reads a bundled set of images, given its name, or the images at a path: see {@link readImages}.
 *
 * @throws the errors of the readers.
 */
export const loadImages = async (data: string): Promise<ImageSource> =>
  Object.hasOwn(imageDatasets, data)
    ? imageDatasets[data as keyof typeof imageDatasets].load()
    : { all: await readImages(data) };
