import type { Offsets, Resolutions } from '@impflow/tables';
import type { DataSource, UnstoredField } from '../dataset/source.ts';
import type { Settings } from '../settings/settings.ts';
import type { Provenance } from './provenance.ts';

/** What a checkpoint stores beside the model, as plain JSON. */
export interface RunRecord {
  /** Source of the data. Absent in an imported model. */
  readonly data?: Omit<DataSource, UnstoredField>;
  /** Names of the columns. Empty for images. */
  readonly columns: readonly string[];
  /** Names of the classes. Only of a classifier. */
  readonly classes?: readonly string[];
  /**
   * Width of the uniform noise on each column whose values repeat. Files of earlier versions list the names of columns
   * with whole numbers.
   */
  readonly dequantised: Resolutions;
  /** Values subtracted in float64 from columns that float32 is too coarse for. Absent in files of earlier versions. */
  readonly offsets?: Offsets;
  /** Whether repeated rows were dropped. */
  readonly distinct?: boolean;
  /** The 1001 quantiles of `log p` over held-out rows or images with the best weights, for percentiles. */
  readonly quantiles?: readonly number[];
  /** Settings of the run, under the name that the file has for them; runs of earlier versions have fewer. */
  readonly options?: Partial<Settings>;
  readonly provenance?: Partial<Provenance>;
}
