import type { RecordsSpec } from '@impflow/tables';
import type { Settings } from '../options/settings.ts';
import type { TableMixture } from './mixture.ts';

/** Plan of one training run on a table: the density, the options and the mixture from which the flow starts. */
export interface TablePlan {
  /** The spec of the density. */
  readonly spec: RecordsSpec;
  /** The options, including all defaults. */
  readonly settings: Settings;
  /**
   * The mixture from which a new flow starts. Absent if the option `base` is not `fitted`, and in a resumed training.
   */
  readonly mixture?: TableMixture;
}
