import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { packed, packedFloats } from './net-packed.ts';
import {
  addressesOf,
  BLOCK,
  blocks,
  enteringAt,
  groups,
  hidden,
  hiddenUnits,
  netOf,
  traceFloats,
  workspaceOf,
} from './net-parts.ts';
import { evaluateTile } from './net-tile.ts';

/**
 * Computes the value of a whole net; see `fused-passes.ts` of package lipschitz. With `keep`, also returns the trace
 * (the stored forward pass) as one flat tensor. For each hidden layer the trace contains value and slope of the
 * activation, `[B, n_i]`, and its argument if the second derivative needs it. All layers are computed for one block of
 * rows before the next block, so that the outputs of layers stay in the cache.
 */
export const net: WasmKernel = {
  name: 'ImpflowNet',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth } = net;
    const { x, shift } = kernelCall.inputs as { readonly x: TensorInfo; readonly shift?: TensorInfo };
    const { keep } = kernelCall.attrs as { readonly keep: boolean };
    const rows = x.shape[0]!;
    const value = machine.output([rows, widths[depth]!]);
    const trace = keep ? machine.output([rows * traceFloats(net)]) : undefined;
    const [start, end] = [x, value].map(machine.address) as [number, number];
    const kept = trace === undefined ? 0 : machine.address(trace);
    const biases = addressesOf(machine, kernelCall.inputs, 'b', depth);
    const shifts = shift == null ? 0 : machine.address(shift);
    const size = Math.min(rows, BLOCK) * net.widest;
    const {
      tile,
      pad,
      buffers: [inner, after, slope, ...weights],
    } = workspaceOf(net, [size, size, size, ...packedFloats(net, true)]);
    const product = packed(net, true, weights, tile);
    blocks(machine, rows, (from, count) => {
      const passed = keep
        ? widths.slice(1, -1).map((_, i) => hidden(kept, net, i + 1, rows, from))
        : [{ value: after!, slope: slope!, argument: 0 }];
      evaluateTile(
        net,
        product,
        biases,
        { inner: inner!, hidden: passed },
        pad,
        start + 4 * from * widths[0]!,
        end + 4 * from * widths[depth]!,
        count,
        keep,
        shifts === 0 ? 0 : shifts + 4 * from * widths[1]!,
      );
    });
    return trace === undefined ? [value] : [value, trace];
  },
};

/**
 * Computes the Jacobian products `J t` of a whole net. With `keep`, also returns the tangents at the input of each
 * activation, `[K, B, n_i]`, as one flat tensor.
 */
export const netPush: WasmKernel = {
  name: 'ImpflowNetPush',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth } = net;
    const { trace0: trace, tangents } = kernelCall.inputs as Record<'trace0' | 'tangents', TensorInfo>;
    const { keep } = kernelCall.attrs as { readonly keep: boolean };
    const [stack, rows] = tangents.shape as [number, number];
    const leaving = machine.output([stack, rows, widths[depth]!]);
    const entering = keep ? machine.output([stack * rows * hiddenUnits(net)]) : undefined;
    const [slopesAt, start, end] = [trace, tangents, leaving].map(machine.address) as [number, number, number];
    const kept = entering === undefined ? 0 : machine.address(entering);
    const size = BLOCK * net.widest;
    const {
      tile,
      buffers: [before, after, ...weights],
    } = workspaceOf(net, [size, size, ...packedFloats(net, true)]);
    const product = packed(net, true, weights, tile);
    blocks(machine, rows, (from, count) => {
      groups(stack, rows, (k, several) => {
        let t = start + 4 * (k * rows + from) * widths[0]!;
        for (let i = 0; i < depth; i++) {
          const m = widths[i + 1]!,
            last = i === depth - 1;
          const into = last
            ? end + 4 * (k * rows + from) * m
            : keep
              ? enteringAt(kept, net, i + 1, stack * rows, k * rows + from)
              : before!;
          product(i, t, into, several * count);
          if (last) break;
          machine.call.tangentProduct(into, hidden(slopesAt, net, i + 1, rows, from).slope, after!, several, count * m);
          t = after!;
        }
      });
    });
    return entering === undefined ? [leaving] : [leaving, entering];
  },
};

/** Computes the products `J^T u` with the transposed Jacobian of a whole net. */
export const netPull: WasmKernel = {
  name: 'ImpflowNetPull',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth } = net;
    const { trace0: trace, cotangents } = kernelCall.inputs as Record<'trace0' | 'cotangents', TensorInfo>;
    const [stack, rows] = cotangents.shape as [number, number];
    const out = machine.output([stack, rows, widths[0]!]);
    const [slopesAt, start, end] = [trace, cotangents, out].map(machine.address) as [number, number, number];
    const size = BLOCK * net.widest;
    const {
      tile,
      buffers: [before, after, ...weights],
    } = workspaceOf(net, [size, size, ...packedFloats(net, false)]);
    const product = packed(net, false, weights, tile);
    blocks(machine, rows, (from, count) => {
      groups(stack, rows, (k, several) => {
        let u = start + 4 * (k * rows + from) * widths[depth]!;
        for (let i = depth - 1; i >= 0; i--) {
          const n = widths[i]!;
          product(i, u, i === 0 ? end + 4 * (k * rows + from) * n : before!, several * count);
          if (i === 0) break;
          machine.call.tangentProduct(before!, hidden(slopesAt, net, i, rows, from).slope, after!, several, count * n);
          u = after!;
        }
      });
    });
    return out;
  },
};
