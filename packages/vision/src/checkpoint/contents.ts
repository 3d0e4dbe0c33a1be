import { contentsSchema, listOf, optional, text, type Contents, type Schema } from 'impflow/run';
import { IMAGE_OPTIONS } from '../options/options.ts';
import type { ImageSettings } from '../options/settings.ts';
import type { ClassifierReport, DensityReport } from './report.ts';

/** Contents of the checkpoint of a model of images. Only a density has quantiles. */
export interface ImageContents extends Contents<ImageSettings, DensityReport | ClassifierReport> {
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
}

/** Schema of {@link ImageContents}. A checkpoint of another program may have other fields. */
export const IMAGE_CONTENTS: Schema = contentsSchema(IMAGE_OPTIONS, { classes: optional(listOf(text)) });
