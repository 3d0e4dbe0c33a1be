/** A loss on the validation rows with its standard error. Both numbers are finite. */
export interface HeldOutLoss {
  /** Mean loss of the validation rows. */
  readonly loss: number;
  /** Standard error of the mean. */
  readonly standardError: number;
}

/** A training step. Losses are in the unit that `CurvesOptions` names. */
export interface CurvePoint {
  /** Step, from 1. */
  readonly step: number;
  /** Training loss of the batch. */
  readonly loss: number;
  /** Validation loss. */
  readonly validation?: HeldOutLoss;
  /** Mean solver steps per sample and block. */
  readonly solverSteps?: number;
  /** Fraction of the validation images that are classified correctly. */
  readonly accuracy?: number;
}
