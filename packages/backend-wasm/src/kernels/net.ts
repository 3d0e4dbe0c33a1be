import type { FusedActivation } from '@impflow/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { accumulate, multiply } from './gemm.ts';
import { activate, bend, type Activation } from './elementwise/activation.ts';
import { SCRATCH_BYTES } from './elementwise/scratch.ts';

/**
 * A whole net in one call: see `FusedKernels` in core. The trace is one flat tensor: value and slope `[B, n_i]` of each hidden layer in turn; so is what is kept of
 * tangents: what enters each activation, `[K, B, n_i]`. What is between its layers stays in scratch, and rows go through all layers
 * block by block, so that it stays in the cache.
 */
const BLOCK = 256;

interface Net {
  readonly machine: Machine;
  readonly widths: readonly number[];
  readonly depth: number;
  readonly activation: Activation;
  /** Addresses of the capped weights `[n_(i+1), n_i]`. */
  readonly weights: readonly number[];
  readonly widest: number;
  /** Bytes that products need for packing: at the beginning of the scratch. */
  readonly packing: number;
}

const netOf = ({ machine, inputs, attrs }: KernelCall): Net => {
  const { widths, activation, alpha } = attrs as { readonly widths: readonly number[]; readonly activation: FusedActivation; readonly alpha: number };
  const depth = widths.length - 1;
  const widest = Math.max(...widths);
  return {
    machine, widths, depth, widest,
    activation: { name: activation, alpha },
    weights: Array.from({ length: depth }, (_, i) => machine.address(inputs[`w${i}`]!)),
    packing: align(machine.call.gemmScratch(Math.max(widest, 2 * BLOCK), widest)),
  };
};

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Addresses of `count` buffers of `floats` behind the packing. */
const buffers = ({ machine, packing }: Net, count: number, floats: number): readonly number[] => {
  const each = align(4 * floats);
  const base = machine.scratch(packing + count * each + SCRATCH_BYTES + 64) + packing;
  return Array.from({ length: count + 1 }, (_, i) => base + i * each);
};

/** Rows `from .. from + count` at a time. */
const blocks = (rows: number, body: (from: number, count: number) => void): void => {
  // Blocks of equal size, rather than a small one at the end.
  const size = Math.ceil(rows / Math.max(1, Math.round(rows / BLOCK)));
  for (let from = 0; from < rows; from += size) body(from, Math.min(size, rows - from));
};

/** Floats of a trace before hidden layer `i`, per row. */
const before = (widths: readonly number[], i: number): number => 2 * widths.slice(1, i).reduce((sum, n) => sum + n, 0);

const hiddenFloats = (widths: readonly number[]): number => before(widths, widths.length - 1);

export const net: WasmKernel = {
  name: 'ImpflowNet',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth, weights, activation } = net;
    const { x } = kernelCall.inputs as { readonly x: TensorInfo };
    const { keep } = kernelCall.attrs as { readonly keep: boolean };
    const rows = x.shape[0]!;
    const value = machine.output([rows, widths[depth]!]);
    const trace = keep ? machine.output([rows * hiddenFloats(widths)]) : undefined;
    const [start, end] = [x, value].map(machine.address) as [number, number];
    const kept = trace === undefined ? 0 : machine.address(trace);
    const biases = weights.map((_, i) => machine.address(kernelCall.inputs[`b${i}`]!));
    const [inner, after, bent, pad] = buffers(net, 3, BLOCK * 2 * net.widest) as [number, number, number, number];
    blocks(rows, (from, count) => {
      let entering = start + 4 * from * widths[0]!;
      for (let i = 0; i < depth; i++) {
        const [n, m] = [widths[i]!, widths[i + 1]!];
        const last = i === depth - 1;
        multiply(machine, entering, false, weights[i]!, true, last ? end + 4 * from * m : inner, count, m, n, biases[i]!);
        if (last) break;
        const [values, slopes] = keep ? hidden(kept, widths, i + 1, rows, from) : [after, bent];
        activate(machine, activation, inner, values, slopes, count * m, pad);
        entering = values;
      }
    });
    return trace === undefined ? [value] : [value, trace];
  },
};

/** Addresses of value and slope of hidden layer `i` at a row of a trace. */
const hidden = (base: number, widths: readonly number[], i: number, rows: number, from: number): readonly [number, number] => {
  const first = base + 4 * rows * before(widths, i);
  return [first + 4 * from * widths[i]!, first + 4 * (rows + from) * widths[i]!];
};

/** Address of what enters the activation of hidden layer `i`, of `rows` rows in all, at a row. */
const enteringAt = (base: number, widths: readonly number[], i: number, rows: number, from: number): number =>
  base + 2 * rows * before(widths, i) + 4 * from * widths[i]!;

export const netPush: WasmKernel = {
  name: 'ImpflowNetPush',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth, weights } = net;
    const { trace0: trace, tangents } = kernelCall.inputs as Record<'trace0' | 'tangents', TensorInfo>;
    const { keep } = kernelCall.attrs as { readonly keep: boolean };
    const [stack, rows] = tangents.shape as [number, number];
    const leaving = machine.output([stack, rows, widths[depth]!]);
    const entering = keep ? machine.output([stack * rows * hiddenFloats(widths) / 2]) : undefined;
    const [slopesAt, start, end] = [trace, tangents, leaving].map(machine.address) as [number, number, number];
    const kept = entering === undefined ? 0 : machine.address(entering);
    const [before, after] = buffers(net, 2, BLOCK * 2 * net.widest) as [number, number];
    blocks(rows, (from, count) => {
      for (let k = 0; k < stack; k++) {
        let t = start + 4 * (k * rows + from) * widths[0]!;
        for (let i = 0; i < depth; i++) {
          const [n, m] = [widths[i]!, widths[i + 1]!];
          const last = i === depth - 1;
          const into = last ? end + 4 * (k * rows + from) * m : keep ? enteringAt(kept, widths, i + 1, stack * rows, k * rows + from) : before;
          multiply(machine, t, false, weights[i]!, true, into, count, m, n);
          if (last) break;
          machine.call.tangentProduct(into, hidden(slopesAt, widths, i + 1, rows, from)[1], after, 1, count * m);
          t = after;
        }
      }
    });
    return entering === undefined ? [leaving] : [leaving, entering];
  },
};

export const netPull: WasmKernel = {
  name: 'ImpflowNetPull',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth, weights } = net;
    const { trace0: trace, cotangents } = kernelCall.inputs as Record<'trace0' | 'cotangents', TensorInfo>;
    const [stack, rows] = cotangents.shape as [number, number];
    const out = machine.output([stack, rows, widths[0]!]);
    const [slopesAt, start, end] = [trace, cotangents, out].map(machine.address) as [number, number, number];
    const [before, after] = buffers(net, 2, BLOCK * 2 * net.widest) as [number, number];
    blocks(rows, (from, count) => {
      for (let k = 0; k < stack; k++) {
        let u = start + 4 * (k * rows + from) * widths[depth]!;
        for (let i = depth - 1; i >= 0; i--) {
          const [n, m] = [widths[i]!, widths[i + 1]!];
          multiply(machine, u, false, weights[i]!, false, i === 0 ? end + 4 * (k * rows + from) * n : before, count, n, m);
          if (i === 0) break;
          machine.call.tangentProduct(before, hidden(slopesAt, widths, i, rows, from)[1], after, 1, count * n);
          u = after;
        }
      }
    });
    return out;
  },
};

export const netPullback: WasmKernel = {
  name: 'ImpflowNetPullback',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth, weights, activation } = net;
    const { address, call, output } = machine;
    const { inputs } = kernelCall;
    const { x, trace0: trace, u, tangents, entering0: entering, cotangents } = inputs as Record<string, TensorInfo | undefined> as {
      readonly x: TensorInfo; readonly trace0: TensorInfo; readonly u: TensorInfo;
      readonly tangents?: TensorInfo; readonly entering0?: TensorInfo; readonly cotangents?: TensorInfo;
    };
    const { coeffs } = kernelCall.attrs as { readonly coeffs: readonly number[] };
    const rows = x.shape[0]!;
    const stack = cotangents?.shape[0] ?? 0;
    const dx = output(x.shape);
    const dt = tangents === undefined ? undefined : output(tangents.shape);
    const layers = weights.map((_, i) => {
      const [n, m] = [widths[i]!, widths[i + 1]!];
      return { weight: output([m, n]), bias: output([m]) };
    });
    // Addresses only now: nothing is allocated from here on.
    const at = (tensor: TensorInfo | undefined): number => tensor === undefined ? 0 : address(tensor);
    const [xAt, traceAt, uAt, tangentsAt, keptAt, cotangentsAt, dxAt, dtAt] = [x, trace, u, tangents, entering, cotangents, dx, dt].map(at) as [number, number, number, number, number, number, number, number];
    const size = BLOCK * 2 * net.widest;
    const largest = Math.max(...weights.map((_, i) => widths[i]! * widths[i + 1]!));
    // Cotangents of the value and of each tangent, each before and after an activation; what an activation bends; and d W_c of each layer.
    const room = buffers(net, 2 * (1 + stack) + 1 + depth, Math.max(size, largest));
    const above = room.slice(0, 1 + stack), below = room.slice(1 + stack, 2 * (1 + stack));
    const bent = room[2 * (1 + stack)]!;
    const direct = room.slice(2 * (1 + stack) + 1, 2 * (1 + stack) + 1 + depth);
    let first = true;
    blocks(rows, (from, count) => {
      // c[0]: cotangents of the value; c[1 + k]: of tangent k; all at these rows.
      let c = [uAt + 4 * from * widths[depth]!, ...Array.from({ length: stack }, (_, k) => cotangentsAt + 4 * (k * rows + from) * widths[depth]!)];
      for (let i = depth - 1; i >= 0; i--) {
        const [n, m] = [widths[i]!, widths[i + 1]!];
        const arrived = i === 0 ? xAt + 4 * from * n : hidden(traceAt, widths, i, rows, from)[0];
        const { bias } = layers[i]!;
        if (first) {
          multiply(machine, c[0]!, true, arrived, false, direct[i]!, m, n, count);
          call.sum(c[0]!, 1, count, m, address(bias));
        } else {
          accumulate(machine, c[0]!, arrived, direct[i]!, m, n, count);
          call.sum(c[0]!, 1, count, m, bent);
          call.addTo(address(bias), bent, m);
        }
        for (let k = 0; k < stack; k++) {
          let t = tangentsAt + 4 * (k * rows + from) * n;
          if (i > 0) {
            // What leaves the activation is found again faster than it is kept.
            t = bent;
            call.tangentProduct(enteringAt(keptAt, widths, i, stack * rows, k * rows + from), hidden(traceAt, widths, i, rows, from)[1], t, 1, count * n);
          }
          accumulate(machine, c[1 + k]!, t, direct[i]!, m, n, count);
        }
        const into = i === 0 ? [dxAt + 4 * from * n, ...Array.from({ length: stack }, (_, k) => dtAt + 4 * (k * rows + from) * n)] : above;
        c.forEach((cotangent, k) => multiply(machine, cotangent, false, weights[i]!, false, into[k]!, count, n, m));
        if (i === 0) break;
        // Back through the activation before this layer.
        const [values, slopes] = hidden(traceAt, widths, i, rows, from);
        if (stack === 0) call.tangentProduct(above[0]!, slopes, below[0]!, 1, count * n);
        else {
          const { factor, scale } = bend(machine, activation, values, slopes, bent, count * n);
          for (let k = 0; k < stack; k++) {
            const t = enteringAt(keptAt, widths, i, stack * rows, k * rows + from);
            // The first tangent brings the value's cotangent along, the others add to it.
            call.pullTangent(k === 0 ? above[0]! : 0, slopes, factor, t, above[1 + k]!, below[0]!, below[1 + k]!, scale, count * n);
          }
        }
        c = [...below];
      }
      first = false;
    });
    layers.forEach(({ weight }, i) => {
      const [v, d, sigma] = [address(inputs[`v${i}`]!), address(inputs[`d${i}`]!), address(inputs[`sigma${i}`]!)];
      call.capGradient(direct[i]!, v, d, sigma, address(weight), coeffs[i]!, widths[i]! * widths[i + 1]!);
    });
    return [dx, ...(dt === undefined ? [] : [dt]), ...layers.flatMap(({ weight, bias }) => [weight, bias])];
  },
};
