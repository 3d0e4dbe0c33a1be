/** How the covariances of a mixture's components are shaped: one full matrix each, one variance per coordinate each, or one full matrix for all. */
export type MixtureCovariance = 'full' | 'diagonal' | 'tied';

/** The numbers of a Gaussian mixture in float64, row-major. */
export interface MixtureModel {
  readonly dim: number;
  readonly components: number;
  readonly covariance: MixtureCovariance;
  /** `[K]`, sum 1. */
  readonly weights: Float64Array;
  /** `[K, d]`. */
  readonly means: Float64Array;
  /**
   * Factors `A` of the precisions, `inverse covariance = A^T A`, so that `A (x - mean)` is standard normal. Full: lower triangles `[K, d, d]`. Tied: one, `[d, d]`.
   * Diagonal: inverse standard deviations `[K, d]`.
   */
  readonly factors: Float64Array;
}

/** A Gaussian mixture as {@link fitMixture} found it. Plain data. */
export interface MixtureFit extends MixtureModel {
  /** Mean `log p` of the rows that it was fitted to, nats per row. */
  readonly logLikelihood: number;
  /** Steps of the EM algorithm on all rows. */
  readonly steps: number;
  /** Whether the last step changed the log-likelihood by less than the tolerance. */
  readonly converged: boolean;
}
