export type { ImageContents } from './checkpoint/contents.ts';
export type { ClassifierReport, DensityReport, ImageRival, TrainingReport } from './checkpoint/report.ts';
export { sameImages } from './checkpoint/same-images.ts';
export type { Classified, ClassHeldOut } from './classifier/classified.ts';
export type { ClassifierScores, ImageClassifier } from './classifier/classifier.ts';
export type { ClassifierEvaluation } from './classifier/evaluate.ts';
export type { Labeled } from './classifier/labels.ts';
export type { Mistake } from './classifier/mistakes.ts';
export type { ClassRival } from './classifier/most-frequent.ts';
export { imageDatasets, type ImageDataset, type ImageLoadOptions, type ImageSplit } from './data/bundled-images.ts';
export { loadImages, type ImageSource } from './data/load-images.ts';
export { imagesHash, splitImages, type ImageParts, type SplitImagesOptions } from './data/split-images.ts';
export type { ImageDensity } from './density/density.ts';
export type { DrawSamplesOptions } from './density/draw-samples.ts';
export type { DensityEvaluation } from './density/evaluate.ts';
export type { InterpolateOptions } from './density/interpolate.ts';
export type { Reconstruction } from './density/reconstruction.ts';
export type { DensityScores } from './density/score.ts';
export { fitImages, type FitImagesEnd, type FitImagesOptions } from './fit-images.ts';
export { imageBatch, imageBatches, type AugmentOptions, type ImageBatchesOptions } from './images/augment.ts';
export { pickImages, type Images } from './images/images.ts';
export { bitsOf, type BitsPerDim, type ImageHeldOut } from './measure/bits.ts';
export type { Share } from './measure/wilson.ts';
export {
  buildImageModel,
  type ClassifierLearner,
  type DensityLearner,
  type ImageLearner,
} from './model/image-learner.ts';
export { openImages, type ImageModel, type ImagesAbout } from './open-images.ts';
export { checkImagesTogether } from './options/check-together.ts';
export { IMAGE_OPTIONS, type ImageChoices } from './options/options.ts';
export type { ImageSettings, ImageTask, PlainImageChoices } from './options/settings.ts';
export { readCifar } from './readers/cifar.ts';
export { readIdx } from './readers/idx.ts';
export { readImageFolder } from './readers/image-folder.ts';
export type { ImageReadOptions } from './readers/image-options.ts';
export { readImages } from './readers/read-images.ts';
