import { range } from './statistics.ts';

/** How log-densities become brightness. */
export interface Shade {
  /** `density`: brightness grows with the density. `nats`: with its logarithm, for densities that span many magnitudes. */
  readonly kind: 'density' | 'nats';
  /** The log-densities, in nats, of the darkest and the brightest colour. */
  readonly low: number;
  readonly high: number;
  /** Brightness in `[0, 1]` of a log-density; dark where it is not finite. */
  apply(logDensity: number): number;
}

/** A linear scale shows hardly anything that is this many nats below the peak. */
const VISIBLE = 3;

/**
 * A shade for the log-densities of a regular grid. Linear where 90 % of the mass lies within the visible range of a
 * linear scale; otherwise in nats, down to where 99.9 % of it lies, at most 12 nats.
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
    return { kind: 'density', low: high - 5, high, apply: (value) => (Number.isFinite(value) ? Math.exp(value - high) : 0) };
  }
  const low = Math.max(high - 12, Math.min(levelOf(0.999), high - VISIBLE));
  return { kind: 'nats', low, high, apply: (value) => (Number.isFinite(value) ? (value - low) / (high - low) : 0) };
};
