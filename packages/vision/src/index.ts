export { imageBatch, imageBatches, type AugmentOptions, type ImageBatchesOptions } from './augment.ts';
export { pickImages, type Images } from './images.ts';
export { readImages } from './read-images.ts';
export { readCifar } from './readers/cifar.ts';
export { readIdx } from './readers/idx.ts';
export { readImageFolder } from './readers/image-folder.ts';
export type { ImageReadOptions } from './readers/image-options.ts';
