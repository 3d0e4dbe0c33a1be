import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { needsArgument } from './elementwise/activation.ts';
import { packed, packedFloats } from './net-packed.ts';
import { addressesOf, hidden, netOf, traceFloats, workspaceOf } from './net-parts.ts';
import { evaluateTile, tangentsOfTile, type TileBuffers } from './net-tile.ts';
import { andersonRoot, quasiNewtonRoot, type RootAttributes } from './root-methods.ts';

/**
 * Number of rows that are solved together. The two builds compute matrix products in bands of five or six rows, and
 * `TILE` is a multiple of five and of six. The outputs of layers for `TILE` rows stay in the second-level cache.
 */
const TILE = 60;

/**
 * Solves `z + g(z) = h` for each row, starting at `z = h`; see `fused-passes.ts` of package lipschitz. Rows are solved
 * in tiles. The active rows of a tile are adjacent in memory and take their steps together. Each row stops
 * independently of the other rows. The bits of a solution do not depend on other rows, because the order of summation
 * in products does not depend on the number of rows.
 */
export const netRoot: WasmKernel = {
  name: 'ImpflowNetRoot',
  run: (kernelCall) => {
    const net = netOf(kernelCall);
    const { machine, widths, depth, weights } = net;
    const { call, output, address } = machine;
    const { h, shift } = kernelCall.inputs as { readonly h: TensorInfo; readonly shift?: TensorInfo };
    const attributes = kernelCall.attrs as RootAttributes;
    const { atol, rtol, divergence, maxSteps, keep } = attributes;
    const newton = attributes.method === 'quasi-newton';
    const [batch, d] = h.shape as [number, number];
    const [z, value, evidence, steps] = [output([batch, d]), output([batch, d]), output([4 * batch]), output([batch])];
    const trace = keep ? output([batch * traceFloats(net)]) : undefined;
    // Addresses are read only after all tensors are allocated.
    const [hAt, zAt, valueAt, evidenceAt, stepsAt] = [h, z, value, evidence, steps].map(address) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const biases = addressesOf(machine, kernelCall.inputs, 'b', depth);
    const shiftAt = shift == null ? 0 : address(shift);
    const shiftBytes = 4 * widths[1]!;

    const argued = needsArgument(net.activation);
    const rows = Math.min(TILE, batch),
      wide = rows * net.widest,
      inside = widths.slice(1, -1);
    const method = newton ? quasiNewtonRoot(call, d, rows) : andersonRoot(call, d, rows, attributes);
    const room = workspaceOf(net, [
      rows * d,
      rows,
      rows / 4,
      newton ? d * widths[1]! : 0,
      shiftAt === 0 ? 0 : rows * widths[1]!,
      wide,
      wide,
      ...packedFloats(net, true),
      ...inside.flatMap(() => [wide, wide, argued ? wide : 0]),
      ...method.floats,
    ]);
    const [g, index, going, columns, shifts, spare, inner, ...rest] = room.buffers as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      ...number[],
    ];
    const product = packed(net, true, rest.splice(0, depth), room.tile);
    const tile: TileBuffers = {
      inner,
      hidden: inside.map(() => {
        const [value, slope, argument] = rest.splice(0, 3) as [number, number, number];
        return { value, slope, argument: argued ? argument : 0 };
      }),
    };
    if (newton) call.transpose(weights[0]!, columns, widths[1]!, 4 * d, d, 4 * widths[1]!, 1, 0, 0, 1, 0, 0);
    const tangents = (out: number, count: number): void => {
      tangentsOfTile(net, product, columns, tile, spare, out, count);
    };
    /**
     * Contains an entry for each array of the hidden layers of a tile. The entry has the address `at` of the array, the
     * number of bytes per row, and the address `to` in the trace to which the array is copied.
     */
    const hiddens = tile.hidden.flatMap((buffers, i) => {
      const traces = hidden(trace === undefined ? 0 : address(trace), net, i + 1, batch, 0);
      return (['value', 'slope', ...(argued ? ['argument' as const] : [])] as const).map((plane) => ({
        at: buffers[plane],
        bytes: 4 * widths[i + 1]!,
        to: traces[plane],
      }));
    });

    const solveTile = (from: number): void => {
      const iteration = method.begin(rest, tangents);
      let count = Math.min(TILE, batch - from);
      call.rootBegin(hAt, iteration.y(), index, from, count, d);
      // Copies the shifts, because rows that continue are moved in memory when other rows stop.
      if (shiftAt !== 0) call.repeat(shiftAt + from * shiftBytes, shifts, 1, count * shiftBytes, 1);
      for (let step = 0; count > 0; step++) {
        const [y, image] = [iteration.y(), iteration.image()];
        // Newton's method needs the slopes of the activations for its first step.
        const sloped = newton && step === 0;
        evaluateTile(net, product, biases, tile, room.pad, y, g, count, keep || sloped, shiftAt === 0 ? 0 : shifts);
        call.rootImage(y, g, hAt, index, image, count, d);
        const active = call.rootJudge(
          y,
          image,
          index,
          zAt,
          evidenceAt,
          stepsAt,
          going,
          atol,
          rtol,
          divergence,
          step,
          step === maxSteps ? 1 : 0,
          count,
          d,
          batch,
        );
        if (active < count) {
          call.rootDeliver(g, 4 * d, index, going, valueAt, count);
          if (keep) for (const { at, bytes, to } of hiddens) call.rootDeliver(at, bytes, index, going, to, count);
          for (const { at, bytes } of [
            ...iteration.places(),
            { at: index, bytes: 4 },
            ...(shiftAt === 0 ? [] : [{ at: shifts, bytes: shiftBytes }]),
            ...(sloped ? hiddens : []),
          ])
            call.rootCompact(at, bytes, going, count);
        }
        count = active;
        if (count > 0) iteration.advance(count);
      }
    };
    machine.together(() => {
      for (let from = 0; from < batch; from += TILE) solveTile(from);
    });
    return [z, value, evidence, steps, ...(trace === undefined ? [] : [trace])];
  },
};
