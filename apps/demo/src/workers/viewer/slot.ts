import { FlowError } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import { gate } from './gate.ts';
import { disposeFlow, modelFrom, type Model } from './model.ts';
import { newPace, type Pace } from './pace.ts';
import { watchedTwin, type Watched } from './watched.ts';

/** Input of a picture. */
export interface Sight {
  readonly model: Model;
  /** A copy of the model with an observed solver; built when first requested. */
  readonly watched: () => Watched;
  /** Piece size of this kind of picture. */
  readonly pace: Pace;
}

/** Holds one model. */
export interface ModelSlot {
  /** Loads the model of a checkpoint, once no picture uses the previous one. After an error the previous one stays. */
  load(checkpoint: Uint8Array, registries: Registries): Promise<Model>;
  /**
   * Makes a picture of the current model, which does not change until the picture is done. @throws `input` if no model
   * is loaded.
   */
  look<T>(kind: string, make: (sight: Sight) => T | Promise<T>): Promise<T>;
}

export const modelSlot = (): ModelSlot => {
  const { look, change } = gate();
  let held: { readonly model: Model; readonly registries: Registries; twin?: Watched; paces: Map<string, Pace> } | undefined;
  return {
    load: (checkpoint, registries) => change(() => {
      const model = modelFrom(checkpoint, registries, held?.model);
      if (held?.model.flow === model.flow) held = { ...held, model };
      else {
        held?.twin?.dispose();
        if (held !== undefined) disposeFlow(held.model.flow);
        held = { model, registries, paces: new Map() };
      }
      return model;
    }),
    look: (kind, make) => look(() => {
      const here = held;
      if (here === undefined) throw new FlowError('input', 'demo/viewer', 'There is no model to look at yet', { hint: 'Load a checkpoint first.' });
      const pace = here.paces.get(kind) ?? newPace();
      here.paces.set(kind, pace);
      return make({ model: here.model, watched: () => (here.twin ??= watchedTwin(here.model, here.registries)), pace });
    }),
  };
};
