import { contentsSchema, listOf, optional, text, type Contents, type Schema } from 'impflow/run';
import { IMAGE_OPTIONS } from '../options/options.ts';
import type { ImageSettings } from '../options/settings.ts';
import type { ClassifierReport, DensityReport } from './report.ts';

/**
 * Contents of an image model's checkpoint, without the spec and the weights. Only the checkpoint of a density contains
 * quantiles.
 */
export interface ImageContents extends Contents<ImageSettings, DensityReport | ClassifierReport> {
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
}

/** Schema of {@link ImageContents}. Additional fields, which other programs may have stored, are accepted. */
export const IMAGE_CONTENTS: Schema = contentsSchema(IMAGE_OPTIONS, { classes: optional(listOf(text)) });
