import type { KernelCall } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { activationOf, needsArgument, type Activation, type Hidden } from './elementwise/activation.ts';

/** Sizes, activation and weights of a net, for the kernels that compute whole nets. */
export interface Net {
  readonly machine: Machine;
  readonly widths: readonly number[];
  readonly depth: number;
  readonly activation: Activation;
  /** Addresses of the weights `[n_(i+1), n_i]`, capped if the net has caps. */
  readonly weights: readonly number[];
  readonly widest: number;
}

export const netOf = ({ machine, inputs, attrs }: KernelCall): Net => {
  const { widths } = attrs as { readonly widths: readonly number[] };
  const depth = widths.length - 1;
  return {
    machine,
    widths,
    depth,
    widest: Math.max(...widths),
    activation: activationOf(attrs),
    weights: addressesOf(machine, inputs, 'w', depth),
  };
};

/** Returns the addresses of the inputs `name0`, `name1`, ...; the address of a missing input is 0. */
export const addressesOf = (
  { address }: Machine,
  inputs: KernelCall['inputs'],
  name: string,
  count: number,
): readonly number[] =>
  Array.from({ length: count }, (_, i) => {
    const tensor = inputs[`${name}${i}`];
    return tensor == null ? 0 : address(tensor);
  });

/** Bytes of scratch memory for `gemmPacked`, and for the activations, which pad arrays of fewer than four elements. */
const [TILE_BYTES, PAD_BYTES] = [256, 64];

/** Scratch memory of a kernel. */
export interface Workspace {
  /** Address of the bytes that are reserved for the caller. */
  readonly reserved: number;
  /** Address of the scratch memory for `gemmPacked`. */
  readonly tile: number;
  /** Address of the scratch memory for activations. */
  readonly pad: number;
  /** Addresses of the buffers, each at the start of a cache line. */
  readonly buffers: readonly number[];
}

/**
 * Allocates scratch memory: `reserved` bytes for the caller, the scratch of `gemmPacked` and of activations, then one
 * buffer for each entry of `floats`, with this number of floats.
 */
export const workspaceOf = ({ machine }: Net, floats: readonly number[], reserved = 0): Workspace => {
  const first = align(reserved);
  const sizes = floats.map((count) => align(4 * count));
  const total = sizes.reduce((sum, bytes) => sum + bytes, first + TILE_BYTES + PAD_BYTES + LINE);
  const start = align(machine.scratch(total));
  const tile = start + first;
  const pad = tile + TILE_BYTES;
  let next = pad + PAD_BYTES;
  const buffers = sizes.map((bytes) => (next += bytes) - bytes);
  return { reserved: start, tile, pad, buffers };
};

/** Number of bytes of a cache line. */
const LINE = 64;

const align = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

/** Largest number of rows that a net computes together. With this limit the outputs of the layers stay in the cache. */
export const BLOCK = 256;

/**
 * Calls `body` for blocks of rows, all within one call of `together`. The blocks have about equal size, so that the
 * last block is not small.
 */
export const blocks = ({ together }: Machine, rows: number, body: (from: number, count: number) => void): void => {
  const size = Math.ceil(rows / Math.ceil(rows / BLOCK));
  together(() => {
    for (let from = 0; from < rows; from += size) body(from, Math.min(size, rows - from));
  });
};

/**
 * Calls `body` for groups of tangents. If there are few rows, several tangents are adjacent in memory and become rows
 * of one product.
 */
export const groups = (stack: number, rows: number, body: (k: number, several: number) => void): void => {
  const most = Math.max(1, Math.floor(BLOCK / rows));
  for (let k = 0; k < stack; k += most) body(k, Math.min(most, stack - k));
};

/** Returns the number of units of the hidden layers before layer `i`. */
const unitsBefore = (widths: readonly number[], i: number): number => widths.slice(1, i).reduce((sum, n) => sum + n, 0);

/**
 * Returns how many numbers a trace (the stored forward pass) contains per hidden unit and row: value, slope, and the
 * argument if {@link needsArgument} returns true.
 */
const planesOf = ({ activation }: Net): number => (needsArgument(activation) ? 3 : 2);

/** Returns the number of floats per row of a trace, over all hidden layers. */
export const traceFloats = (net: Net): number => planesOf(net) * hiddenUnits(net);

/** Returns the number of units of all hidden layers. */
export const hiddenUnits = ({ widths }: Net): number => unitsBefore(widths, widths.length - 1);

/** Returns the addresses at which row `from` of hidden layer `i` begins in a trace. */
export const hidden = (base: number, net: Net, i: number, rows: number, from: number): Hidden => {
  const { widths } = net;
  const planes = planesOf(net);
  const first = base + 4 * (planes * rows * unitsBefore(widths, i) + from * widths[i]!);
  const plane = 4 * rows * widths[i]!;
  return { value: first, slope: first + plane, argument: planes === 3 ? first + 2 * plane : 0 };
};

/**
 * Returns the address of the tangents that enter the activation of hidden layer `i`, beginning with row `from`. A
 * tangent has `rows` rows.
 */
export const enteringAt = (base: number, { widths }: Net, i: number, rows: number, from: number): number =>
  base + 4 * (rows * unitsBefore(widths, i) + from * widths[i]!);
