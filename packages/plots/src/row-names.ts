/** Names of the rows of a picture, for its legend. */
export interface RowNames {
  /** Name of the data. Default `data`. */
  readonly data?: string;
  /** Name of the training rows. Default `training rows`. */
  readonly training?: string;
  /** Name of the draws of the model. Default `draws of the model`. */
  readonly samples?: string;
}
