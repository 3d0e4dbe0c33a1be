import { fold, type Key } from '@impflow/core';
import { fitMixture, type MixtureModel } from '@impflow/flows';
import { drawFrom, MODEL, type Draws } from './draw-from.ts';
import { joinedMixtures } from './full-mixtures.ts';
import { alternativesOf, distance, holds, type Predicate } from './predicate.ts';
import { proposalOf, type Part } from './proposal.ts';
import { effectiveOf, resample } from './resample.ts';
import type { Space } from './space.ts';

/** Parts of a proposal that were adapted to an event. */
export interface Adapted {
  /** The parts, which hit the event often. Empty if the model itself hits the event often enough. */
  readonly parts: readonly Part[];
  /** Draws of the model, with which the adaptation began. */
  readonly first: Draws;
  /** Number of draws of all steps, and how many of them came from the model itself on average. */
  readonly draws: number;
  readonly ofModel: number;
}

/** Smallest share of the draws that are the elite of a step, and their smallest effective share. */
const ELITE = 0.1;
const LEAST = 0.04;
/** Share of the model in the proposals of the steps. */
const OWN = 0.1;
/**
 * Effective number of hits, as a share of the draws, at which a proposal fits the event, and largest number of steps
 * that refine a proposal which hits the event.
 */
const ENOUGH = 0.1;
const REFINED = 5;
/** Largest number of steps. */
const STEPS = 30;
/** Number of steps without progress after which the adaptation ends. */
const PATIENCE = 4;
/**
 * A fitted mixture is drawn with wider standard deviations, because the tails of an event are often longer than normal
 * tails: `share` of the draws have the deviations of the components times `factor`. The rest comes from one component
 * that is fitted to all of the elite. The shares are divided by their sum.
 */
const WIDER = [
  { share: 0.6, factor: 1.2 },
  { share: 0.2, factor: 3 },
] as const;
const WHOLE = { share: 0.2, factor: 2 } as const;
/** Share of the probabilities of the model in the probabilities of combinations of categories. */
const PRIOR = 0.2;

/**
 * Adapts parts of a proposal to a rare event, one for each of its alternatives: see `alternativesOf`.
 *
 * @param enough Share of hits among draws of the model at which no adaptation is needed.
 */
export const adapt = (space: Space, event: Predicate, key: Key, enough: number = ELITE): Adapted => {
  const rows = Math.min(20_000, 2000 + 200 * space.model.layout.numbers.length);
  const first = drawFrom(space, MODEL, rows, fold(key, 0));
  const hits = Array.from({ length: rows }, (_, row) => row).filter((row) => holds(event, first.cells, row) === true);
  const isOften = hits.length >= enough * rows;
  const found = isOften ? [] : alternativesOf(event).map((each, i) => adaptOne(space, each, first, fold(key, i + 1)));
  const steps = found.reduce((sum, each) => sum + each.steps, 0);
  return {
    parts: found.flatMap(({ part }) => part ?? []),
    first,
    draws: rows + steps * rows,
    ofModel: rows + OWN * steps * rows,
  };
};

/**
 * Adapts a part of a proposal to an event by the cross-entropy method with levels: each step draws from the current
 * proposal, takes the draws that are nearest to the event, and fits the next proposal to them, weighted by their
 * importance weights. The steps end when the nearest draws are hits with similar weights.
 *
 * @see Rubinstein, Kroese, The Cross-Entropy Method, 2004, algorithm 3.2.
 */
const adaptOne = (
  space: Space,
  event: Predicate,
  first: Draws,
  key: Key,
): { readonly part?: Part; readonly steps: number } => {
  const rows = first.weights.length;
  const scales = first.cells.map(spreadOf);
  let last = first;
  let part: Part | undefined;
  let [level, idle, refined, steps] = [Infinity, 0, 0, 0];
  for (let step = 1; step <= STEPS; step++) {
    const distances = Float64Array.from({ length: rows }, (_, row) =>
      last.failed[row] === 1 ? Infinity : distance(event, last.cells, row, scales),
    );
    let weights = last.weights;
    let { elite, reach, effective } = eliteOf(distances, weights);
    if (reach > 0 && reach >= level) {
      // A few large weights hold the adaptation back. Only its proposals are biased by clipped weights.
      weights = clipped(distances, weights);
      ({ elite, reach, effective } = eliteOf(distances, weights));
    }
    const fitted = partOf(space, { ...last, weights }, elite, fold(key, -step));
    if (fitted === undefined) break;
    part = fitted;
    if (reach === 0 && (effective >= ENOUGH * rows || ++refined === REFINED)) break;
    idle = reach < 0.999 * level || reach === 0 ? 0 : idle + 1;
    level = Math.min(level, reach);
    if (idle === PATIENCE) break;
    last = drawFrom(space, proposalOf(space, OWN, [part]), rows, fold(key, step));
    steps = step;
  }
  return { ...(part === undefined ? {} : { part }), steps };
};

/** Clips the weights, so that the draws nearest to the event have similar weights (Ionides, 2008). */
const clipped = (distances: Float64Array, weights: Float64Array): Float64Array => {
  const rows = distances.length;
  const nearest = Uint32Array.from(distances.keys())
    .toSorted((a, b) => distances[a]! - distances[b]!)
    .subarray(0, Math.ceil(ELITE * rows));
  const sorted = Float64Array.from(nearest, (row) => weights[row]!).toSorted();
  const most = sorted[Math.max(0, sorted.length - Math.ceil(2 * LEAST * rows))]!;
  return weights.map((weight) => Math.min(weight, most));
};

interface Elite {
  /** Indices of the draws. */
  readonly elite: Uint32Array;
  /** Largest distance of the elite from the event. */
  readonly reach: number;
  /** Effective number of draws of the elite. */
  readonly effective: number;
}

/**
 * Returns the draws that are nearest to the event: a tenth of all draws, and further draws until their effective number
 * is the share `LEAST` of all draws. If there are too few draws, returns all draws with a finite distance.
 */
const eliteOf = (distances: Float64Array, weights: Float64Array): Elite => {
  const rows = distances.length;
  const order = Uint32Array.from(distances.keys())
    .filter((row) => distances[row]! < Infinity)
    .toSorted((a, b) => distances[a]! - distances[b]!);
  let [sum, squares, count] = [0, 0, 0];
  const isEnough = (): boolean => count >= ELITE * rows && sum ** 2 >= LEAST * rows * squares;
  for (; count < order.length; count++) {
    // Draws at equal distances belong together.
    const isTie = count > 0 && distances[order[count]!] === distances[order[count - 1]!];
    if (!isTie && isEnough()) break;
    sum += weights[order[count]!]!;
    squares += weights[order[count]!]! ** 2;
  }
  return {
    elite: order.subarray(0, count),
    reach: count === 0 ? Infinity : distances[order[count - 1]!]!,
    effective: squares === 0 ? 0 : sum ** 2 / squares,
  };
};

/** Returns the standard deviation of the finite numbers, or 1. */
const spreadOf = (values: Float64Array): number => {
  const finite = values.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value / finite.length, 0);
  const spread = Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2 / finite.length, 0));
  return spread > 0 && spread < Infinity ? spread : 1;
};

/** Fits a part of a proposal to the elite of draws. Returns undefined if the elite is too small. */
const partOf = ({ model, cases }: Space, draws: Draws, elite: Uint32Array, key: Key): Part | undefined => {
  const d = model.layout.numbers.length;
  const rows = elite.filter((row) => draws.weights[row]! > 0);
  const weights = Float64Array.from(rows, (row) => draws.weights[row]!);
  const effective = effectiveOf(weights);
  if (effective < 3) return undefined;
  // The rows are resampled, because the initial clusters of a fit ignore weights.
  const chosen = resample(weights, Math.min(rows.length, Math.ceil(4 * effective)), fold(key, 2));
  const points = new Float64Array(chosen.length * d);
  chosen.forEach((at, i) => points.set(draws.points.subarray(rows[at]! * d, (rows[at]! + 1) * d), i * d));
  const fit = (components: number, name: number): MixtureModel =>
    fitMixture(points, {
      dim: d,
      components,
      // A diagonal covariance needs fewer rows. It is written as a matrix, because all components have one kind.
      covariance: 'full',
      shrinkage: effective >= 3 * d ? d / (d + effective) : 1,
      pooling: 0.2,
      ridge: 0.01,
      key: fold(key, name),
    });
  const [several, one] = [fit(effective >= 40 * d ? 3 : 1, 0), fit(1, 1)];
  const mixture = joinedMixtures([
    ...WIDER.map((wider) => ({ ...wider, mixture: several })),
    { ...WHOLE, mixture: one },
  ]);
  const prior = cases.probabilities.reduce((sum, each) => sum + each, 0);
  const found = cases.probabilities.map((each) => (PRIOR * each) / prior);
  const total = weights.reduce((sum, each) => sum + each, 0);
  rows.forEach((row, i) => (found[draws.cases[row]!]! += ((1 - PRIOR) * weights[i]!) / total));
  return { mixture, cases: found };
};
