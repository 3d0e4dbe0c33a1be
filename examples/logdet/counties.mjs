// Counties of the United States, their neighbors and their unemployment rates, from the package `vega-datasets`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = () => join(dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets'))), 'data');

/**
 * @typedef {object} Counties
 * @property {readonly number[]} ids
 * @property {number[]} rates
 * @property {readonly (readonly [number, number])[]} edges
 */

/** @typedef {{ readonly id: number; readonly arcs?: readonly unknown[] }} Outline */

/**
 * Returns `{ ids, rates, edges }`: the unemployment rate of each county (US Bureau of Labor Statistics, 2009), and the
 * pairs of neighbors as indices into `ids`, each pair once. Counties are neighbors if their outlines share an arc of
 * the map. Counties without a neighbor or a rate are left out.
 *
 * @param {(id: number) => boolean} [keep]
 * @returns {Counties}
 */
export const counties = (keep = () => true) => {
  const map = JSON.parse(readFileSync(join(folder(), 'us-10m.json'), 'utf8'));
  const rateOf = new Map(
    readFileSync(join(folder(), 'unemployment.tsv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => /** @type {[id: number, rate: number]} */ (line.split('\t').map(Number))),
  );
  /** @type {Map<number, Set<number>>} */
  const owners = new Map();
  for (const { id, arcs } of /** @type {readonly Outline[]} */ (map.objects.counties.geometries)) {
    if (!rateOf.has(id) || !keep(id)) continue;
    // The number of an arc that is traversed backwards is stored as its bitwise complement.
    for (const arc of /** @type {number[]} */ ((arcs ?? []).flat(Infinity)))
      owners.set(arc < 0 ? ~arc : arc, (owners.get(arc < 0 ? ~arc : arc) ?? new Set()).add(id));
  }
  const touching = new Set(
    [...owners.values()].filter(({ size }) => size === 2).map((pair) => [...pair].sort((a, b) => a - b).join(' ')),
  );
  const pairs = [...touching].map((pair) => pair.split(' ').map(Number));
  const ids = [...new Set(pairs.flat())].sort((a, b) => a - b);
  const placeOf = new Map(ids.map((id, place) => [id, place]));
  return {
    ids,
    rates: ids.map((id) => /** @type {number} */ (rateOf.get(id))),
    edges: pairs.map((pair) => /** @type {[number, number]} */ (pair.map((id) => placeOf.get(id)))),
  };
};

/**
 * Returns whether a county is in Texas: the federal code of a county begins with the code of its state.
 *
 * @param {number} id
 */
export const inTexas = (id) => Math.floor(id / 1000) === 48;
