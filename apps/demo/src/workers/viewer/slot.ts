import { FlowError } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import { gate } from './gate.ts';
import { disposeFlow, modelFrom, type Model } from './model.ts';
import { newPace, type Pace } from './pace.ts';
import { watchedTwin, type Watched } from './watched.ts';

/** What a picture is made with. */
export interface Sight {
  readonly model: Model;
  /** The model's twin with an observed solver; built when it is first asked for. */
  readonly watched: () => Watched;
  /** Of the kind of picture: how many rows it takes at a time. */
  readonly pace: Pace;
}

/** The place of one model. */
export interface ModelSlot {
  /** Puts the model of a checkpoint there, once nobody looks at the one before. After an error that one stays. */
  load(checkpoint: Uint8Array, registries: Registries): Promise<Model>;
  /** Makes a picture of the model as it is now: it stays so until the picture is done. @throws `input` where there is none yet. */
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
