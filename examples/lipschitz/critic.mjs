// A Wasserstein critic that is 1-Lipschitz by construction, and a generator that is trained against it: node
// examples/lipschitz/critic.mjs
import { fold, key, drawNormal, valueAndGradients } from '@impflow/core';
import { dense, maxMin, reluActivation, sequential } from '@impflow/lipschitz';
import { toy } from '@impflow/tables';
import { adam } from '@impflow/training';
import { add, matMul, mean, mul, relu, sub, tensor1d, tensor2d, tidy, variable } from '@tensorflow/tfjs-core';
import { main } from './main.mjs';

const COEFF = 0.99;

/**
 * Returns a critic `f: [B, 2] -> [B, 1]` with Lipschitz bound 1. `sequential` needs a product of caps below one. The
 * critic divides the output by this product.
 */
export const critic = ({ hidden = [64, 64], activation = maxMin, seed = 1 } = {}) => {
  const widths = [2, ...hidden, 1];
  const layers = widths
    .slice(1)
    .flatMap((outputs, i) => [
      dense({ inputs: widths[i], outputs, coeff: COEFF, key: fold(key(seed), i) }),
      ...(i < hidden.length ? [activation()] : []),
    ]);
  const net = sequential([2], layers);
  return { ...net, apply: (x) => mul(net.apply(x), 1 / net.lipschitz) };
};

/** Returns an optimizer: `step(loss)` takes one step of Adam, and `dispose` frees the state. */
const descent = (parameters, rate) => {
  const optimizer = adam({ beta1: 0.5 });
  let state = optimizer.init(parameters);
  return {
    step: (loss) => {
      const { value, gradients } = valueAndGradients(loss, parameters);
      state = optimizer.update(gradients, state, parameters, rate);
      const number = value.dataSync()[0];
      for (const owned of [value, ...Object.values(gradients)]) owned.dispose();
      return number;
    },
    dispose: () => {
      for (const slot of Object.values(state.slots)) slot.dispose();
    },
  };
};

/** `mean f(x) - mean f(y)`, at most the Wasserstein distance of the two samples (Kantorovich and Rubinstein). */
export const gap = (f, x, y) => sub(mean(f.apply(x)), mean(f.apply(y)));

/**
 * Trains a critic to separate draws of `x(key)` and `y(key)`. Then measures the distance of the two distributions on
 * other samples.
 */
export const distance = (x, y, { steps = 300, rate = 2e-2, activation = maxMin, held = 5000, rows = 256 } = {}) => {
  const f = critic({ activation });
  const search = descent(f.parameters, rate);
  for (let step = 0; step < steps; step++) {
    const k = fold(key(2), step);
    search.step(() => mul(gap(f, x(fold(k, 0), rows), y(fold(k, 1), rows)), -1));
    f.refresh({ tolerance: 1e-3 });
  }
  f.refresh({ tolerance: 1e-5 });
  const found = tidy(() => gap(f, x(key(3), held), y(key(4), held)).dataSync()[0]);
  search.dispose();
  return { found, critic: f };
};

/** Returns a generator: two dense layers that map noise `[B, 2]` to points `[B, 2]`. */
export const generator = (width = 64) =>
  tidy(() => {
    const own = (seed, shape, scale) => variable(mul(drawNormal(key(seed), shape), scale));
    const parameters = {
      A: own(11, [2, width], 1),
      a: own(12, [width], 0.3),
      B: own(13, [width, width], 1 / Math.sqrt(width)),
      b: own(14, [width], 0.3),
      C: own(15, [width, 2], 1 / Math.sqrt(width)),
    };
    const { A, a, B, b, C } = parameters;
    return {
      parameters,
      draw: (k, rows) => matMul(relu(add(matMul(relu(add(matMul(drawNormal(k, [rows, 2]), A), a)), B), b)), C),
    };
  });

/** Trains generator and critic in turn, `turns` times. `onTurn` receives the distance that the critic measures. */
export const teach = (real, { turns = 300, critics = 5, rows = 256, onTurn } = {}) => {
  const [f, g] = [critic(), generator()];
  const [search, descend] = [descent(f.parameters, 1e-2), descent(g.parameters, 5e-4)];
  for (let turn = 0; turn < turns; turn++) {
    let apart = 0;
    for (let i = 0; i < critics; i++) {
      const k = fold(fold(key(21), turn), i);
      apart = -search.step(() => mul(gap(f, real(fold(k, 0), rows), g.draw(fold(k, 1), rows)), -1));
      f.refresh({ iterations: 2 });
    }
    onTurn?.(turn, apart);
    descend.step(() => mul(mean(f.apply(g.draw(fold(key(22), turn), rows))), -1));
  }
  for (const owned of [search, descend]) owned.dispose();
  for (const owned of [...Object.values(f.parameters), ...Object.values(f.buffers)]) owned.dispose();
  return g;
};

export const gaussian =
  (shift = [0, 0], scale = 1) =>
  (k, rows) =>
    tidy(() => add(mul(drawNormal(k, [rows, 2]), scale), tensor1d(shift)));
export const moons = (k, rows) => tensor2d(toy('moons').sample(k, rows), [rows, 2]);

/** Pairs of distributions whose Wasserstein distance has a closed form. */
export const KNOWN = [
  { name: 'a Gaussian and its shift by (3, 4)', x: gaussian(), y: gaussian([3, 4]), exact: 5 },
  {
    name: 'two moons and their shift by (1, 0)',
    x: moons,
    y: (k, rows) => tidy(() => add(moons(k, rows), tensor1d([1, 0]))),
    exact: 1,
  },
  // The distance between a Gaussian and the same Gaussian scaled by three is (3 - 1) E|x|.
  {
    name: 'a Gaussian and one three times as large',
    x: gaussian(),
    y: gaussian([0, 0], 3),
    exact: 2 * Math.sqrt(Math.PI / 2),
  },
];

/** Runs the whole program and prints line by line. */
export const program = (print) => {
  for (const { name, x, y, exact } of KNOWN) {
    const [sorted, kinked] = [maxMin, reluActivation].map((activation) => distance(x, y, { activation }).found);
    print(`${name}: ${exact.toFixed(3)} apart, found ${sorted.toFixed(3)} with maxMin, ${kinked.toFixed(3)} with relu`);
  }
  const turns = 300;
  print(
    `moons and an untaught generator: a critic finds them ${distance(moons, generator().draw).found.toFixed(3)} apart`,
  );
  const g = teach(moons, {
    turns,
    onTurn: (turn, apart) => {
      if (turn % 50 === 0) print(`turn ${turn}: ${apart.toFixed(3)} by the critic that teaches`);
    },
  });
  const { found } = distance(moons, g.draw);
  print(`after ${turns} turns a new critic finds them ${found.toFixed(3)} apart`);
};

await main(import.meta, program);
