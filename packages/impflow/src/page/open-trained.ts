import { builtInRegistries } from '@impflow/flows';
import { decodeCheckpoint } from '@impflow/training';
import type { Model } from '../model.ts';
import { openModel } from '../open-model.ts';
import type { Trained } from './messages.ts';

/**
 * Returns a model that a worker has trained. The model is opened at its first use and not by `fit`, because opening a
 * model blocks the page (about 40 ms for a small model).
 */
export const openTrained = ({ bytes, heldOut, report }: Trained): Model => {
  const source = 'The model';
  let model: Model | undefined;
  const opened = (): Model =>
    (model ??= openModel(decodeCheckpoint(bytes, source), { registries: builtInRegistries, source, heldOut }));
  return Object.freeze<Model>({
    report,
    score: (rows, options) => opened().score(rows, options),
    explain: (row) => opened().explain(row),
    sample: (count, options) => opened().sample(count, options),
    impute: (rows, options) => opened().impute(rows, options),
    probability: (event, options) => opened().probability(event, options),
    repair: (row, options) => opened().repair(row, options),
    evaluate: async (rows) => opened().evaluate(rows),
    judgeSynthetic: async (rows, options) => opened().judgeSynthetic(rows, options),
    drift: async (rows, options) => opened().drift(rows, options),
    save: async (folder, options) => opened().save(folder, options),
    toBytes: () => opened().toBytes(),
    dispose: () => opened().dispose(),
  });
};
