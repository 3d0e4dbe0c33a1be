import { FlowError } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import { transfer } from 'comlink';
import type { ViewerWorker } from '../../protocol/viewer.ts';
import { startBackend } from '../backends.ts';
import { prepare, viewOf, type Prepared } from '../data/prepare.ts';
import { registriesWith } from '../plugins.ts';
import { blockOf } from './block.ts';
import { mapOf } from './map.ts';
import { normsOf } from './norms.ts';
import { pathOf } from './path.ts';
import { heldOutOf, scoresOf } from './score.ts';
import { modelSlot } from './slot.ts';
import { solvesOf } from './solves.ts';
import { warpOf } from './warp.ts';

/** Number of held-out rows for the chart of solver residuals. */
const SHOWN = 256;
/** Number of data rows that move with the grid. */
const MOVED = 800;

/**
 * Creates the interface of the worker that computes pictures of models. Work that takes longer than about 20 ms is
 * divided into pieces, and the worker responds to other calls between two pieces. If new weights arrive while a picture
 * is being computed, the picture is completed with the old weights before the new weights are loaded.
 */
export const viewer = (): ViewerWorker => {
  let backend: Promise<unknown> | undefined;
  let registries: Registries | undefined;
  let prepared: Prepared | undefined;
  const slots = [modelSlot(), modelSlot()] as const;

  const heldOutRows = (most: number): Float32Array => {
    const rows = prepared?.heldOut ?? new Float32Array(0);
    if (rows.length > 0) return rows.subarray(0, 2 * most);
    throw new FlowError('input', 'demo/viewer', 'There are no held-out rows', { hint: 'Choose data first.' });
  };
  return {
    open: async (plugins) => {
      // The page calls this method once more when the visitor adds a plugin. Existing models keep the registries with
      // which they were built.
      backend ??= startBackend('wasm');
      await backend;
      registries = await registriesWith(plugins);
      const { solver, logDet, activation } = registries;
      return { solver: solver.names, logDet: logDet.names, activation: activation.names };
    },
    data: async (request) => {
      prepared = await prepare(request);
      return viewOf(prepared);
    },
    // The code that reads tables is loaded only when a visitor opens a table.
    readTable: async (name, bytes, choice) => {
      const read = await (await import('../data/table-file.ts')).readRows(name, bytes, choice);
      return transfer(read, [read.rows.buffer]);
    },
    load: async (slot, checkpoint) => {
      if (registries === undefined)
        throw new FlowError('input', 'demo/viewer', 'The viewer is not open yet', { hint: 'Call open first.' });
      const { step } = await slots[slot].load(checkpoint, registries);
      return { step };
    },
    map: (slot, request) =>
      slots[slot].picture(request.quantity, async ({ model, pieceSize, observed }) => {
        const image = await mapOf(model, request, pieceSize, observed);
        return transfer(image, [image.values.buffer, image.pixels.buffer]);
      }),
    samples: (slot, count, seed) =>
      slots[slot].picture('samples', async ({ model, pieceSize }) =>
        handedOver(await (await import('./samples.ts')).samplesOf(model, count, seed, pieceSize)),
      ),
    samplesAsCsv: (slot, count, seed) =>
      slots[slot].picture('samples', async ({ model, pieceSize }) =>
        (await import('./samples.ts')).samplesAsCsv(model, count, seed, pieceSize),
      ),
    warp: (slot, region, lines, pointsPerLine, samples) =>
      slots[slot].picture('warp', async ({ model, pieceSize }) => {
        const rows = prepared === undefined ? undefined : viewOf(prepared).points.subarray(0, 2 * MOVED);
        const warp = await warpOf(model, region, lines, pointsPerLine, pieceSize, {
          ...(rows === undefined ? {} : { rows }),
          samples,
        });
        return transfer(
          warp,
          [...warp.stages, ...warp.dots, ...warp.samples].map(({ buffer }) => buffer),
        );
      }),
    path: (slot, point) => slots[slot].picture('path', ({ model }) => pathOf(model, point)),
    heldOut: (slot, rows) =>
      slots[slot].picture('heldOut', ({ model, pieceSize }) => heldOutOf(model, heldOutRows(rows), pieceSize)),
    solves: (slot) =>
      slots[slot].picture('solves', ({ model, observed }) => solvesOf(model, heldOutRows(SHOWN), observed())),
    block: (slot, which, point) =>
      slots[slot].picture('block', ({ model, nets, observed }) => blockOf(model, which, point, nets(), observed)),
    norms: (slot) => slots[slot].picture('norms', ({ model }) => normsOf(model)),
    logProb: (slot, rows) =>
      slots[slot].picture('logProb', async ({ model, pieceSize }) =>
        handedOver(await scoresOf(model, rows, pieceSize)),
      ),
    ping: () => performance.now(),
  };
};

/** Marks an array to be transferred to the page instead of copied. */
const handedOver = (numbers: Float32Array): Float32Array => transfer(numbers, [numbers.buffer]);
