import { contentsSchema, listOf, optional, text, type DataPlace, type Provenance, type Schema } from 'impflow/run';
import { IMAGE_OPTIONS } from '../options/options.ts';
import type { ImageSettings } from '../options/settings.ts';
import type { ClassifierReport, DensityReport } from './report.ts';

/** What a checkpoint of a model of images stores beside the spec and the weights. Plain JSON. */
export interface ImageContents {
  /** The complete options. */
  readonly options: ImageSettings;
  /** Where the images came from. Absent for images that were given in memory. */
  readonly data?: DataPlace;
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
  /** Where the model comes from. */
  readonly provenance: Provenance;
  /** How a program ran the training: its backend, and the plugins it loaded, by name. */
  readonly program?: { readonly backend?: string; readonly plugin?: readonly string[] };
  /** The 1001 quantiles of the log-densities of test images, ascending. Only of a density. Absent before the end. */
  readonly quantiles?: readonly number[];
  /** Absent before the end. */
  readonly report?: DensityReport | ClassifierReport;
}

/** Schema of {@link ImageContents}. Other programs may have stored other fields. */
export const IMAGE_CONTENTS: Schema = contentsSchema(IMAGE_OPTIONS, { classes: optional(listOf(text)) });
