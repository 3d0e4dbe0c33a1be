import type { Images } from '../images/images.ts';
import { readImages } from '../readers/read-images.ts';
import { imageDatasets, type ImageSplit } from './bundled-images.ts';

/** Images to train on, with or without a separate test part. */
export type ImageSource = ImageSplit | { readonly all: Images };

/**
 * Reads the parts of a bundled set, given its name, or all images at a path; see {@link readImages}.
 *
 * @throws the errors of the readers.
 */
export const loadImages = async (data: string): Promise<ImageSource> =>
  Object.hasOwn(imageDatasets, data)
    ? imageDatasets[data as keyof typeof imageDatasets].load()
    : { all: await readImages(data) };
