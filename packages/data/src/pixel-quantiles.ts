import { pixelsOf, type Images } from './images.ts';
import { normalQuantile, normalShare } from './normal-quantile.ts';
import type { QuantileMap } from './quantiles.ts';

const GREY_LEVELS = 256;
/** Counted for each grey level beside what was seen: no level is impossible. */
const PRIOR = 0.05;
/** Outermost value of a map, and the distance between two values that always are knots. */
const [OUTERMOST, STEP] = [3.5, 0.25];
/** Grey levels at which a cell may end besides, where the histogram has an edge: black pixels, say. */
const EDGES = 8;
/** Least gain, in nats of one number of an image, for which a cell ends at an edge. */
const GAIN = 1e-4;
/** Smallest gap between two values, and between two grey levels. */
const GAP = { level: 1e-3, knot: 2 ** -10 } as const;

/**
 * The map of each number of an image, for grey levels with noise of U[0, 1): its distribution function is piecewise linear and known, so its quantiles are exact. The flow behind it
 * begins with every number nearly normal and independent of the others.
 *
 * @remarks `O(pixels (256 edges + images))`.
 */
export const fitPixelQuantiles = (images: Images): QuantileMap => {
  const maps = histograms(images).map(mapOf);
  const most = Math.max(...maps.map((map) => map.length));
  const full = maps.map((map) => divided(map, most));
  return { knots: full.map((map) => map.map(([knot]) => knot)), levels: full.map((map) => map.map(([, level]) => level)) };
};

/** Shares of the grey levels below each, `[pixels][257]`: from 0 to 1. */
const histograms = (images: Images): Float64Array[] => {
  const size = pixelsOf(images);
  const shares = Array.from({ length: size }, () => new Float64Array(GREY_LEVELS + 1).fill(PRIOR));
  images.pixels.forEach((grey, i) => { shares[i % size]![grey + 1]! += 1; });
  const total = images.count + PRIOR * GREY_LEVELS;
  for (const below of shares) {
    below[0] = 0;
    for (let grey = 1; grey <= GREY_LEVELS; grey++) below[grey] = below[grey - 1]! + below[grey]! / total;
  }
  return shares;
};

type Knot = readonly [knot: number, level: number];

/** Knots at even values, and at the edges of the histogram. */
const mapOf = (below: Float64Array): Knot[] => {
  const even = Array.from({ length: 2 * OUTERMOST / STEP + 1 }, (_, k) => {
    const level = -OUTERMOST + k * STEP;
    const knot = level === -OUTERMOST ? 0 : level === OUTERMOST ? GREY_LEVELS : greyAt(below, normalShare(level));
    return [rounded(knot), level] as const;
  });
  const edges = edgesOf(below).map((grey) => [grey, rounded(normalQuantile(below[grey]!))] as const);
  const all = [...even, ...edges].sort(([, a], [, b]) => a - b);
  // The first and the last stay.
  const kept: Knot[] = [all[0]!];
  const end = all.at(-1)!;
  for (const knot of all.slice(1, -1)) if (apart(kept.at(-1)!, knot) && apart(knot, end)) kept.push(knot);
  return [...kept, end];
};

const apart = ([lower, low]: Knot, [upper, high]: Knot): boolean => upper - lower > GAP.knot && high - low > GAP.level;

/** The grey level below which a share lies. */
const greyAt = (below: Float64Array, share: number): number => {
  let grey = 0;
  while (grey < GREY_LEVELS - 1 && below[grey + 1]! <= share) grey++;
  return grey + (share - below[grey]!) / (below[grey + 1]! - below[grey]!);
};

/** The ends of cells of even density that describe the histogram best, one after the other: each is where the log-likelihood gains most. */
const edgesOf = (below: Float64Array): readonly number[] => {
  const value = (from: number, to: number): number => {
    const share = below[to]! - below[from]!;
    return share * Math.log(share / (to - from));
  };
  const ends = [0, GREY_LEVELS];
  while (ends.length < EDGES + 2) {
    let [edge, most] = [0, GAIN];
    for (let i = 0; i + 1 < ends.length; i++) {
      const [from, to] = [ends[i]!, ends[i + 1]!];
      for (let at = from + 1; at < to; at++) {
        const gain = value(from, at) + value(at, to) - value(from, to);
        if (gain > most) [edge, most] = [at, gain];
      }
    }
    if (edge === 0) break;
    ends.push(edge);
    ends.sort((a, b) => a - b);
  }
  return ends.slice(1, -1);
};

/** The same map with `count` knots: the widest pieces are halved. */
const divided = (map: readonly Knot[], count: number): readonly Knot[] => {
  const all = [...map];
  while (all.length < count) {
    let widest = 0;
    for (let k = 1; k + 1 < all.length; k++) if (all[k + 1]![1] - all[k]![1] > all[widest + 1]![1] - all[widest]![1]) widest = k;
    const [[lower, low], [upper, high]] = [all[widest]!, all[widest + 1]!];
    all.splice(widest + 1, 0, [(lower + upper) / 2, (low + high) / 2]);
  }
  return all;
};

/** To a multiple of 2^-10: exact in float32, and short as text. */
const rounded = (value: number): number => Math.round(value * 1024) / 1024;
