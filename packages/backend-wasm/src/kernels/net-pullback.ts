import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { bend } from './elementwise/activation.ts';
import { packed, packedFloats } from './net-packed.ts';
import { addressesOf, BLOCK, blocks, enteringAt, groups, hidden, netOf, workspaceOf } from './net-parts.ts';

/**
 * Computes the gradient of `<u, g(x)> + sum_k <c_k, J(x) t_k>` with respect to `x`, weights, biases and the optional
 * shift of the first layer; see `fused-passes.ts` of package lipschitz.
 */
export const netPullback: WasmKernel = {
  name: 'ImpflowNetPullback',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth, weights, activation } = net;
    const { address, call, output } = machine;
    const {
      x,
      trace0: trace,
      u,
      tangents,
      entering0: entering,
      cotangents,
      shift,
    } = kernelCall.inputs as Record<'x' | 'trace0', TensorInfo> &
      Partial<Record<'u' | 'tangents' | 'entering0' | 'cotangents' | 'shift', TensorInfo>>;
    const rows = x.shape[0]!;
    const stack = cotangents?.shape[0] ?? 0;
    const dx = output(x.shape);
    const dShift = shift == null ? undefined : output([rows, widths[1]!]);
    const gradients = weights.map((_, i) => ({
      weight: output([widths[i + 1]!, widths[i]!]),
      bias: output([widths[i + 1]!]),
    }));
    // Addresses are read only after all tensors are allocated.
    const at = (tensor: TensorInfo | undefined | null): number => (tensor == null ? 0 : address(tensor));
    const [xAt, traceAt, uAt, tangentsAt, keptAt, cotangentsAt, dxAt, dShiftAt] = [
      x,
      trace,
      u,
      tangents,
      entering,
      cotangents,
      dx,
      dShift,
    ].map(at) as [number, number, number, number, number, number, number, number];
    const layers = gradients.map(({ weight, bias }) => ({ weight: address(weight), bias: address(bias) }));
    const [earlierWeights, earlierBiases] = ['gw', 'gb'].map((name) =>
      addressesOf(machine, kernelCall.inputs, name, depth),
    ) as [readonly number[], readonly number[]];

    const size = BLOCK * net.widest;
    const reserved = Math.max(...weights.map((_, i) => call.gemmScratch(BLOCK, widths[i]!)));
    const room = workspaceOf(
      net,
      [size, size, stack * size, stack * size, size, ...packedFloats(net, false)],
      reserved,
    );
    // Buffers for cotangents of the value (c) and of the tangents (w), at the output (Above) and at the input (Below)
    // of an activation.
    const [cAbove, cBelow, wAbove, wBelow, spare, ...matrices] = room.buffers as [
      number,
      number,
      number,
      number,
      number,
      ...number[],
    ];
    const back = packed(net, false, matrices, room.tile);

    const begin = (out: number, earlier: number, count: number): void => {
      if (earlier === 0) call.clear(out, 4 * count);
      else call.repeat(earlier, out, 1, 4 * count, 1);
    };
    // Without cotangents or rows, each result is the earlier gradient that the caller passed, or zero.
    const nothing = rows === 0 || (uAt === 0 && stack === 0);
    layers.forEach(({ weight, bias }, i) => {
      begin(bias, earlierBiases[i]!, widths[i + 1]!);
      if (nothing) begin(weight, earlierWeights[i]!, widths[i]! * widths[i + 1]!);
    });
    if (nothing) {
      begin(dxAt, 0, rows * widths[0]!);
      if (dShiftAt !== 0) begin(dShiftAt, 0, rows * widths[1]!);
    } else
      blocks(machine, rows, (from, count) => {
        // `c`: address of the cotangents of the value at the rows of the block, 0 without cotangents. `w`: address of
        // the cotangents of the tangents, which are `pitch` bytes apart.
        let c = uAt === 0 ? 0 : uAt + 4 * from * widths[depth]!;
        let [w, pitch] = [cotangentsAt + 4 * from * widths[depth]!, 4 * rows * widths[depth]!];
        for (let i = depth - 1; i >= 0; i--) {
          const [n, m] = [widths[i]!, widths[i + 1]!];
          const { weight, bias } = layers[i]!;
          const layer =
            i === 0 ? { value: xAt + 4 * from * n, slope: 0, argument: 0 } : hidden(traceAt, net, i, rows, from);
          const { value: values, slope: slopes } = layer;
          let addend = from === 0 ? earlierWeights[i]! : weight;
          /**
           * Adds `cotangent^T arrived` to the gradient of the weight. `arrived` is the address of the layer's input or
           * of the tangents at its input.
           */
          const add = (cotangent: number, arrived: number, terms: number): void => {
            call.gemm(cotangent, 4, 4 * m, arrived, 4 * n, 4, weight, m, n, terms, addend, 4 * n, room.reserved);
            addend = weight;
          };
          if (c !== 0) {
            add(c, values, count);
            call.sum(c, 1, count, m, spare);
            call.addTo(bias, spare, m);
          }
          groups(stack, rows, (k, several) => {
            let t = tangentsAt + 4 * (k * rows + from) * n;
            if (i > 0) {
              // Recomputing the output of the activation is faster than storing it.
              t = spare;
              call.tangentProduct(
                enteringAt(keptAt, net, i, stack * rows, k * rows + from),
                slopes,
                t,
                several,
                count * n,
              );
            }
            add(w + k * pitch, t, several * count);
            // The tangents of the input are constants and need no gradient.
            if (i > 0) back(i, w + k * pitch, wAbove + 4 * k * count * n, several * count);
          });
          if (i === 0) {
            // The shift is added to the output of the first layer, so the gradient of the shift is the cotangent of
            // this output.
            if (dShiftAt !== 0) begin(dShiftAt + 4 * from * m, c, count * m);
            if (c === 0) call.clear(dxAt + 4 * from * n, 4 * count * n);
            else back(0, c, dxAt + 4 * from * n, count);
            break;
          }
          if (c !== 0) back(i, c, cAbove, count);
          // Propagates the cotangents back through the activation before this layer.
          if (stack === 0) call.tangentProduct(cAbove, slopes, cBelow, 1, count * n);
          else {
            const { factor, scale } = bend(machine, activation, layer, spare, count * n);
            if (c === 0) call.clear(cBelow, 4 * count * n);
            for (let k = 0; k < stack; k++) {
              const t = enteringAt(keptAt, net, i, stack * rows, k * rows + from),
                own = 4 * k * count * n;
              // The pullback of the first tangent includes the cotangent of the value, if it exists. The pullbacks of
              // the other tangents are added to the result.
              call.pullTangent(
                k === 0 && c !== 0 ? cAbove : 0,
                slopes,
                factor,
                t,
                wAbove + own,
                cBelow,
                wBelow + own,
                scale,
                count * n,
              );
            }
          }
          c = cBelow;
          [w, pitch] = [wBelow, 4 * count * n];
        }
      });
    return [dx, ...gradients.flatMap(({ weight, bias }) => [weight, bias]), ...(dShift === undefined ? [] : [dShift])];
  },
};
