/**
 * Kind of covariance: `full`, one matrix per component; `diagonal`, one variance per coordinate and component; `tied`,
 * one matrix for all components.
 */
export type MixtureCovariance = 'full' | 'diagonal' | 'tied';

/** The parameters of a Gaussian mixture with `K` components in `d` dimensions, in float64, row-major. */
export interface MixtureModel {
  /** Number of columns `d`. */
  readonly dim: number;
  /** Number of components `K`. */
  readonly components: number;
  /** Kind of covariance, which determines the shape of `factors`. */
  readonly covariance: MixtureCovariance;
  /** Probability of each component, `[K]`; the sum is 1. */
  readonly weights: Float64Array;
  /** Mean of each component, `[K, d]`. */
  readonly means: Float64Array;
  /**
   * Factors `A` of the inverse covariances `A^T A`, so that `A (x - mean)` is standard normal. Full: lower triangles
   * `[K, d, d]`. Tied: one lower triangle `[d, d]`. Diagonal: inverse standard deviations `[K, d]`.
   */
  readonly factors: Float64Array;
}

/** A Gaussian mixture as {@link fitMixture} returns it. Plain data. */
export interface MixtureFit extends MixtureModel {
  /** Mean `log p` of the rows to which the mixture was fitted, in nats per row. */
  readonly logLikelihood: number;
  /** Steps of the EM algorithm on all rows. */
  readonly steps: number;
  /** Whether the last step changed the log-likelihood by less than the tolerance. */
  readonly converged: boolean;
}
