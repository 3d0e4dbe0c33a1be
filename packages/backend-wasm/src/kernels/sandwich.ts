import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { addressesOf } from './net-parts.ts';

/**
 * Computes the weights of a sandwich net from its parameters, and the inverses that the gradient needs. The letters of
 * variables are defined in `sandwich-weights.ts` of package lipschitz.
 */
export const sandwich: WasmKernel = {
  name: 'ImpflowSandwich',
  run: (kernelCall) => {
    const {
      machine: { call, address, output },
    } = kernelCall;
    const { widths, depth } = sizesOf(kernelCall);
    const weights = Array.from({ length: depth }, (_, k) => output([widths[k + 1]!, widths[k]!]));
    const inverses = Array.from({ length: depth }, (_, k) => output([widths[k + 1]!, widths[k + 1]!]));
    const {
      g,
      y,
      workspace: [twice, b, first, product],
    } = placesOf(kernelCall, 4);
    const factors = factorsOf(kernelCall);
    const multiply = productsOf(kernelCall);
    for (let k = 0; k < depth; k++) {
      const [m, n] = [widths[k]!, widths[k + 1]!];
      const [weight, inverse] = [address(weights[k]!), address(inverses[k]!)];
      call.onePlusSkew(y[k]!, inverse, n);
      multiply(g[k]!, [n, m], transposed(g[k]!, m, n), inverse, inverse);
      call.invertInPlace(inverse, n);
      // Computes the matrices 2 N and B = 2 N G.
      call.scaledAndShifted(inverse, twice!, 2, 0, n);
      multiply(twice!, [n, n], plain(g[k]!, m), b!);
      if (k > 0) {
        call.scaledAndShifted(address(inverses[k - 1]!), first!, 2, -1, m);
        multiply(b!, [n, m], transposed(first!, m, m), product!);
      }
      const { rows, columns } = factors(k);
      call.scaledOuter(k > 0 ? product! : b!, rows, columns, weight, n, m);
    }
    return [...weights, ...inverses];
  },
};

/** Computes the gradient with respect to the parameters of a sandwich net, layer by layer. */
export const sandwichGradient: WasmKernel = {
  name: 'ImpflowSandwichGradient',
  run: (kernelCall) => {
    const { machine, inputs } = kernelCall;
    const { call, address, output } = machine;
    const { widths, depth } = sizesOf(kernelCall);
    const out = Array.from({ length: depth }, (_, k) => {
      const [m, n] = [widths[k]!, widths[k + 1]!];
      return { weight: output([n, m]), skew: output([n, n]), ...(k === depth - 1 ? {} : { scale: output([n]) }) };
    });
    const {
      g,
      workspace: [twice, b, first, inner, toB, after, toInverse, half, symmetric],
    } = placesOf(kernelCall, 9);
    const [direct, weights, inverses] = (['d', 'w', 'n'] as const).map((name) =>
      addressesOf(machine, inputs, name, depth),
    ) as [readonly number[], readonly number[], readonly number[]];
    const factors = factorsOf(kernelCall);
    const multiply = productsOf(kernelCall);
    for (const { scale } of out) if (scale !== undefined) call.clear(address(scale), 4 * scale.shape[0]!);
    for (let k = depth - 1; k >= 0; k--) {
      const [m, n] = [widths[k]!, widths[k + 1]!];
      const { weight, skew, scale } = out[k]!;
      const before = out[k - 1]?.scale;
      call.momentSums(
        direct[k]!,
        weights[k]!,
        before === undefined ? 0 : address(before),
        scale === undefined ? 0 : address(scale),
        n,
        m,
      );
      const { rows, columns } = factors(k);
      call.scaledOuter(direct[k]!, rows, columns, inner!, n, m);
      call.scaledAndShifted(inverses[k]!, twice!, 2, 0, n);
      let b2 = inner!;
      if (k > 0) {
        call.scaledAndShifted(inverses[k - 1]!, first!, 2, -1, m);
        b2 = toB!;
        multiply(inner!, [n, m], plain(first!, m), b2);
      }
      // X is half of the gradient with respect to N. One term comes from B = 2 N G, and the other from A = 2 N - I in
      // the next layer.
      multiply(b2, [n, m], transposed(g[k]!, m, n), toInverse!, k === depth - 1 ? 0 : after!);
      // The gradient with respect to the inverse of N is -1/2 (2 N)^T X (2 N)^T.
      multiply(twice!, [n, n], plain(toInverse!, n), half!, 0, true);
      multiply(half!, [n, n], transposed(twice!, n, n), toInverse!);
      call.symmetricAndSkew(toInverse!, symmetric!, address(skew), -0.5, n);
      multiply(symmetric!, [n, n], plain(g[k]!, m), address(weight));
      multiply(twice!, [n, n], plain(b2, m), address(weight), address(weight), true);
      if (k === 0) break;
      multiply(twice!, [n, n], plain(g[k]!, m), b!);
      multiply(inner!, [m, n], plain(b!, m), after!, 0, true);
    }
    return out.flatMap(({ weight, skew, scale }) => [weight, skew, ...(scale === undefined ? [] : [scale])]);
  },
};

const sizesOf = ({
  attrs,
}: KernelCall): { readonly widths: readonly number[]; readonly depth: number; readonly coeff: number } => {
  const { widths, coeff } = attrs as { readonly widths: readonly number[]; readonly coeff: number };
  return { widths, depth: widths.length - 1, coeff };
};

/**
 * Returns a number of scratch bytes that is enough for every matrix product. The number does not grow for matrices
 * larger than a block.
 */
const gemmBytes = ({ call }: Machine, widths: readonly number[]): number =>
  Math.ceil(call.gemmScratch(Math.max(...widths), Math.max(...widths)) / 16) * 16;

/**
 * Returns the addresses of the parameters and of `count` square buffers. The addresses are valid only until the next
 * allocation.
 */
const placesOf = (
  { machine, inputs, attrs }: KernelCall,
  count: number,
): { readonly g: readonly number[]; readonly y: readonly number[]; readonly workspace: readonly number[] } => {
  const { widths } = attrs as { readonly widths: readonly number[] };
  const widest = Math.max(...widths);
  const [square, line] = [4 * widest * widest, 4 * widest];
  const reserved = gemmBytes(machine, widths);
  const start = machine.scratch(reserved + 2 * line + count * square) + reserved + 2 * line;
  return {
    g: addressesOf(machine, inputs, 'g', widths.length - 1),
    y: addressesOf(machine, inputs, 'y', widths.length - 1),
    workspace: Array.from({ length: count }, (_, i) => start + i * square),
  };
};

/**
 * Returns a function that writes the factors of the rows and columns of layer `k` to memory, and returns the two
 * addresses. The factors are stored after the scratch memory of the products.
 */
const factorsOf = (kernelCall: KernelCall): ((k: number) => { readonly rows: number; readonly columns: number }) => {
  const { machine, inputs } = kernelCall;
  const { widths, coeff } = sizesOf(kernelCall);
  const rows = machine.scratch(0) + gemmBytes(machine, widths);
  const columns = rows + 4 * Math.max(...widths);
  const { memory } = machine.backend.wasm.asm;
  const fill = (
    at: number,
    size: number,
    scale: TensorInfo | undefined,
    factor: (s: number) => number,
    otherwise: number,
  ): void => {
    const values = new Float32Array(memory.buffer, at, size);
    if (scale === undefined) values.fill(otherwise);
    else
      new Float32Array(memory.buffer, machine.address(scale), size).forEach((s, i) => {
        values[i] = factor(s);
      });
  };
  return (k) => {
    fill(rows, widths[k + 1]!, inputs[`s${k}`], (s) => Math.SQRT2 * Math.exp(-s), coeff);
    fill(columns, widths[k]!, inputs[`s${k - 1}`], (s) => Math.SQRT2 * Math.exp(s), 1);
    return { rows, columns };
  };
};

/**
 * Right factor of a matrix product: its address, the strides of its rows and columns in bytes, and its number of
 * columns.
 */
type Right = readonly [at: number, row: number, column: number, columns: number];
const plain = (at: number, columns: number): Right => [at, 4 * columns, 4, columns];
/** Describes the transpose of a matrix whose rows have `width` numbers. */
const transposed = (at: number, width: number, columns: number): Right => [at, 4, 4 * width, columns];

/**
 * Returns a function that computes `out = add + X Z`, or `add + X^T Z` if `turned` is true. `rows` and `columns` are
 * the size of the left factor. `add` is an address, or 0 if nothing is added.
 */
const productsOf = ({ machine }: KernelCall) => {
  const scratch = machine.scratch(0);
  return (
    x: number,
    [rows, columns]: readonly [number, number],
    [z, zRow, zColumn, width]: Right,
    out: number,
    add = 0,
    turned = false,
  ): void => {
    const [xRow, xColumn] = turned ? [4, 4 * rows] : [4 * columns, 4];
    machine.call.gemm(x, xRow, xColumn, z, zRow, zColumn, out, rows, width, columns, add, 4 * width, scratch);
  };
};
