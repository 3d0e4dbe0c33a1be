import { wasm } from '@impflow/backend-wasm';
import { key, type Backend } from '@impflow/core';
import { exact, powerSeries, truncationBound } from '@impflow/logdet';
import { tensor1d, tidy } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { counties, inTexas, type Counties } from '../../counties.mjs';
import { estimates, fit, graph, logDet, negative, roulette, spatialLag } from '../../spatial.mjs';

let backend: Backend;
beforeAll(async () => {
  backend = await wasm().start();
});
afterAll(() => {
  backend.dispose();
});

const neighborsOf = ({ ids, edges }: Counties): readonly (readonly number[])[] => {
  const lists = ids.map((): number[] => []);
  for (const [a, b] of edges) {
    lists[a]!.push(b);
    lists[b]!.push(a);
  }
  return lists;
};

/**
 * Returns the nodes in breadth-first order, so that neighbors have close indices. Cuthill, McKee, Reducing the
 * Bandwidth of Sparse Symmetric Matrices, 1969.
 */
const ordered = (neighbors: readonly (readonly number[])[]): readonly number[] => {
  const order: number[] = [],
    seen = new Set<number>();
  neighbors.forEach((_, start) => {
    if (seen.has(start)) return;
    seen.add(start);
    order.push(start);
    for (let at = order.length - 1; at < order.length; at++)
      for (const next of neighbors[order[at]!]!)
        if (!seen.has(next)) {
          seen.add(next);
          order.push(next);
        }
  });
  return order;
};

/**
 * Returns a function that computes `log det(I - rho W)` in float64, by the Cholesky factorization of a banded matrix.
 */
const direct = (data: Counties): ((rho: number) => number) => {
  const neighbors = neighborsOf(data),
    order = ordered(neighbors);
  const place = new Int32Array(order.length);
  order.forEach((county, at) => {
    place[county] = at;
  });
  const band = Math.max(...data.edges.map(([a, b]) => Math.abs(place[a]! - place[b]!)));
  return (rho) => {
    const rows = order.map(() => new Float64Array(band + 1));
    order.forEach((county, i) => {
      rows[i]![band] = 1;
      for (const other of neighbors[county]!)
        if (place[other]! < i)
          rows[i]![band + place[other]! - i] = -rho / Math.sqrt(neighbors[county]!.length * neighbors[other]!.length);
    });
    let total = 0;
    rows.forEach((row, i) => {
      for (let j = Math.max(0, i - band); j <= i; j++) {
        const other = rows[j]!;
        let sum = row[band + j - i]!;
        for (let k = Math.max(0, i - band); k < j; k++) sum -= row[band + k - i]! * other[band + k - j]!;
        row[band + j - i] = j < i ? sum / other[band]! : Math.sqrt(sum);
      }
      total += 2 * Math.log(row[band]!);
    });
    return total;
  };
};

const losses = (data: Counties): ((rho: number) => number) => {
  const neighbors = neighborsOf(data),
    logDetAt = direct(data),
    { rates } = data;
  return (rho) => {
    const rest = rates.map(
      (rate, i) => rate - (rho * neighbors[i]!.reduce((sum, j) => sum + rates[j]!, 0)) / neighbors[i]!.length,
    );
    const mean = rest.reduce((sum, one) => sum + one, 0) / rest.length;
    return (
      0.5 * Math.log(rest.reduce((sum, one) => sum + (one - mean) ** 2, 0) / rest.length) - logDetAt(rho) / rest.length
    );
  };
};

/** Returns the position of the minimum of a function with one minimum, by ternary search. */
const least = (f: (x: number) => number, [low, high]: readonly [number, number], rounds = 25): number => {
  let [a, b] = [low, high];
  for (let i = 0; i < rounds; i++) {
    const [l, r] = [a + (b - a) / 3, b - (b - a) / 3];
    if (f(l) < f(r)) b = r;
    else a = l;
  }
  return (a + b) / 2;
};

const [texas, country] = [counties(inTexas), counties()];

it('the data have all counties of Texas, and Travis County has the right neighbors', () => {
  expect(texas.ids).toHaveLength(254);
  const travis = texas.ids.indexOf(48453);
  // The neighbors of Travis County are Bastrop, Blanco, Burnet, Caldwell, Hays and Williamson County, in this order.
  const around = neighborsOf(texas)[travis]!;
  expect(around.map((place) => texas.ids[place]).sort()).toEqual([48021, 48031, 48053, 48055, 48209, 48491]);
});

it('the log-determinants of the estimators agree with a factorization in float64', () => {
  const W = graph(texas),
    g = spatialLag(W, 0.7),
    wanted = direct(texas)(0.7);
  const value = (estimator: Parameters<typeof logDet>[0]): number =>
    tidy(() => logDet(estimator, g, key(0)).dataSync()[0]!);
  expect(value(exact({ maxDim: 254 }))).toBeCloseTo(wanted, 2);
  for (const terms of [4, 10, 20])
    expect(Math.abs(value(powerSeries({ terms, probe: 'basis' })) - wanted)).toBeLessThan(
      truncationBound(254, 0.7, terms) + 1e-3,
    );
  const { average, error } = estimates(roulette(), g, 150);
  expect(Math.abs(average - wanted) / error).toBeLessThan(4);
});

it('the likelihood agrees with a computation in float64', () => {
  const W = graph(texas),
    g = spatialLag(W, 0.5),
    y = tensor1d([...texas.rates]);
  expect(tidy(() => negative(exact({ maxDim: 254 }), W, g, y, key(0)).dataSync()[0])).toBeCloseTo(
    losses(texas)(0.5),
    4,
  );
});

it('the fit finds the most likely `rho` of Texas, with the exact log-determinant and with roulette', () => {
  const wanted = least(losses(texas), [0, 0.99]);
  expect(Math.abs(fit(exact({ maxDim: 254 }), texas, { steps: 80 }) - wanted)).toBeLessThan(0.01);
  expect(Math.abs(fit(roulette(), texas, { steps: 80 }) - wanted)).toBeLessThan(0.05);
});

it('the fit with roulette finds the most likely `rho` of the whole country', () => {
  expect(Math.abs(fit(roulette(), country, { steps: 80 }) - least(losses(country), [0.7, 0.95], 7))).toBeLessThan(0.03);
});
