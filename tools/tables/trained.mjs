// A trained run in this process: its density, the rows that it was trained on, and fresh rows.
import { loadRun } from '../../apps/trainer/dist/checkpoint/load-run.js';
import { sameData } from '../../apps/trainer/dist/checkpoint/same-data.js';
import { readRecords } from '../../apps/trainer/dist/dataset/load-records.js';
import { asRecords } from '../../apps/trainer/dist/dataset/run-data.js';
import { registriesWith } from '../../apps/trainer/dist/plugins/registries.js';
import { records, wasm } from '../bench/library.mjs';

const { atMiddle, completeRows, pickValues, valuesOf } = records;

/**
 * A run with rows of three parts: those that it was trained on, those that chose its weights, and fresh ones, complete
 * and at the middle of their noise.
 *
 * @param {string} run
 * @param {string} fresh A file.
 */
export const trainedOn = async (run, fresh) => {
  await wasm().start();
  const trained = await records.loadRun(run);
  const registries = await registriesWith();
  const { record, checkpoint, paths } = await loadRun(run, registries);
  const data = asRecords(await sameData(record, checkpoint.seed, { folder: paths.folder, registries }));
  const { spec, layout } = trained.model;
  const all = valuesOf(await readRecords({ data: fresh }), spec.columns);
  const complete = pickValues(all, completeRows(all, layout));
  return {
    spec,
    trained,
    train: data.train.values,
    validation: data.validation.values,
    /** As cells of the file, which `frameOfValues` writes. */
    cells: complete,
    fresh: atMiddle(complete, spec.columns),
  };
};
