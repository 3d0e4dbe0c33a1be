import type { BackendName, ModelKind, NetKind } from './config.ts';

// Labels and hints of the options that the visitor can choose on the page.

/** Hints for the activations of the library, by name. */
export const ACTIVATIONS: Readonly<Record<string, string>> = {
  sin: 'Sine: used for the paper’s pictures.',
  snake: 'Climbs in steps: the default of sandwich nets.',
  lipSwish: 'Smooth and learnable: used in residual flows.',
  elu: 'Exponential below zero, linear above zero.',
  celu: 'Like elu, but with a continuous slope.',
  tanh: 'Flattens on both sides.',
  softplus: 'A smooth ramp.',
  relu: 'A ramp: densities come out in flat pieces.',
  leakyRelu: 'A ramp with a small slope below zero.',
  maxMin: 'Sorts pairs of neighbors: keeps every gradient’s length. Widths must be even.',
  fullSort: 'Sorts the whole layer. Slow.',
  lipschitzCube: 'A cubic curve near zero, with slope 1 far from zero.',
  pila: 'Linear above zero, with a smooth bend below zero: used in monotone flows.',
  identity: 'No activation: the nets are then linear.',
};

/** Activations that sandwich nets can use: their slopes lie between 0 and 1. */
const MONOTONE: readonly string[] = [
  'snake',
  'elu',
  'celu',
  'tanh',
  'softplus',
  'relu',
  'leakyRelu',
  'lipschitzCube',
  'identity',
];

/** Returns whether a kind of net can use an activation. */
export const fits = (activation: string, net: NetKind = 'spectral'): boolean =>
  net === 'spectral' || MONOTONE.includes(activation);

export const NET_WORDS: Readonly<
  Record<NetKind, { readonly label: string; readonly hint: string; readonly coeff: string }>
> = {
  spectral: {
    label: 'Capped layers',
    hint: 'The norm of each layer is capped. The slope of a whole net then stays well below the product of the caps.',
    coeff: 'Cap on the spectral norm of each layer. Near 1 the blocks bend more, and solving takes longer.',
  },
  sandwich: {
    label: 'Sandwich',
    hint: 'Layers that let the whole net reach its bound. The net bends more with the same number of parameters, and learns with larger steps.',
    coeff: 'Bound on the slope of each net. Near 1 the blocks bend more, and solving takes longer.',
  },
};

export const KIND_WORDS: Readonly<Record<ModelKind, { readonly label: string }>> = {
  implicit: { label: 'Implicit' },
  residual: { label: 'Residual' },
  monotone: { label: 'Monotone' },
  coupling: { label: 'Coupling' },
};

export const BACKEND_WORDS: Readonly<Record<BackendName, { readonly label: string; readonly hint: string }>> = {
  wasm: {
    label: 'wasm',
    hint: 'WebAssembly on the processor, with kernels made for this page. The fastest backend for models of this size.',
  },
  webgl: {
    label: 'WebGL',
    hint: 'The graphics card through WebGL. Faster only for wide layers and large batches. The first step takes long, because programs are compiled.',
  },
  webgpu: {
    label: 'WebGPU',
    hint: 'The graphics card through WebGPU, if the browser supports it. The first step takes long, because programs are compiled.',
  },
  cpu: { label: 'Plain JavaScript', hint: 'Works everywhere, slowly.' },
};

export const TOY_WORDS: Readonly<Record<string, string>> = {
  moons: 'Two moons',
  swissroll: 'Swiss roll',
  circles: 'Two circles',
  rings: 'Four rings',
  '2spirals': 'Two spirals',
  checkerboard: 'Checkerboard',
  '8gaussians': 'Eight Gaussians',
  pinwheel: 'Pinwheel',
};
export const PLACE_WORDS: Readonly<Record<string, string>> = {
  earthquakes: 'Earthquakes of one week',
  zipcodes: 'Zip codes of the United States',
};
