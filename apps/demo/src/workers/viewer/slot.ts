import { FlowError } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import { blockNets, type BlockNets } from './block.ts';
import { disposeFlow, modelFrom, type Model } from './model.ts';
import { observedModel, type ObservedModel } from './observed-model.ts';
import { newPieceSize, type PieceSize } from './pieces.ts';
import { readWriteLock } from './read-write-lock.ts';

/** A loaded model, and the other inputs of the computation of a picture. */
interface PictureInput {
  readonly model: Model;
  /** Returns a copy of the model whose solver records its steps. The copy is built at the first call. */
  readonly observed: () => ObservedModel;
  /** Returns access to the networks inside the model's blocks. Each network is built when it is first requested. */
  readonly nets: () => BlockNets;
  /** Number of rows per piece of work for this kind of picture. */
  readonly pieceSize: PieceSize;
}

/** Stores one of the viewer's models, and computes pictures of this model. */
interface ModelSlot {
  /**
   * Loads the model of a checkpoint as soon as no picture uses the previous model. After an error the previous model
   * stays loaded.
   */
  load(checkpoint: Uint8Array, registries: Registries): Promise<Model>;
  /**
   * Computes a picture of the current model. The model does not change until the picture is complete.
   *
   * @throws `input` if no model is loaded.
   */
  picture<T>(kind: string, make: (input: PictureInput) => T | Promise<T>): Promise<T>;
}

export const modelSlot = (): ModelSlot => {
  const { read, write } = readWriteLock();
  let loaded:
    | {
        readonly model: Model;
        readonly registries: Registries;
        observed?: ObservedModel;
        nets?: BlockNets;
        pieceSizes: Map<string, PieceSize>;
      }
    | undefined;
  return {
    load: (checkpoint, registries) =>
      write(() => {
        const model = modelFrom(checkpoint, registries, loaded?.model);
        if (loaded?.model.flow === model.flow) loaded = { ...loaded, model };
        else {
          loaded?.observed?.dispose();
          loaded?.nets?.dispose();
          if (loaded !== undefined) disposeFlow(loaded.model.flow);
          loaded = { model, registries, pieceSizes: new Map() };
        }
        return model;
      }),
    picture: (kind, make) =>
      read(() => {
        const here = loaded;
        if (here === undefined)
          throw new FlowError('input', 'demo/viewer', 'No model is loaded yet', { hint: 'Load a checkpoint first.' });
        const pieceSize = here.pieceSizes.get(kind) ?? newPieceSize();
        here.pieceSizes.set(kind, pieceSize);
        return make({
          model: here.model,
          observed: () => (here.observed ??= observedModel(here.model, here.registries)),
          nets: () => (here.nets ??= blockNets(here.registries)),
          pieceSize,
        });
      }),
  };
};
