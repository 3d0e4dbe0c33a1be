import { range } from './statistics.ts';

/** A map from log-densities to brightness. */
interface Shade {
  /**
   * `density`: brightness is linear in the density. `nats`: brightness is linear in the log-density, for densities that
   * span many orders of magnitude.
   */
  readonly kind: 'density' | 'nats';
  /** Log-density of the darkest color, in nats. */
  readonly low: number;
  /** Log-density of the brightest color, in nats. */
  readonly high: number;
  /**
   * Returns the brightness of a log-density: 1 at `high`, 0 if the log-density is not finite. A brightness below 0 is
   * drawn as 0.
   */
  apply(logDensity: number): number;
}

/** On a linear scale, differences are visible only where the log-density is at most this many nats below the peak. */
const VISIBLE = 3;

/**
 * Chooses the shade for the log-densities of a regular grid. The kind is `density` if 90 % of the mass is within the
 * visible range of a linear scale. If less of the mass is visible, the kind is `nats`. The range of `nats` extends from
 * the peak down to the level above which 99.9 % of the mass lies, but by at most 12 nats.
 */
export const shadeFor = (logDensity: ArrayLike<number>): Shade => {
  const sorted = Float64Array.from(logDensity).filter(Number.isFinite).sort().toReversed();
  const [, high] = range(sorted);
  const masses = sorted.map((value) => Math.exp(value - high));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const levelOf = (share: number): number => {
    let sum = 0;
    return sorted[masses.findIndex((mass) => (sum += mass) >= share * total)] ?? high - 1;
  };
  if (high - levelOf(0.9) <= VISIBLE) {
    return {
      kind: 'density',
      low: high - 5,
      high,
      apply: (value) => (Number.isFinite(value) ? Math.exp(value - high) : 0),
    };
  }
  const low = Math.max(high - 12, Math.min(levelOf(0.999), high - VISIBLE));
  return { kind: 'nats', low, high, apply: (value) => (Number.isFinite(value) ? (value - low) / (high - low) : 0) };
};
