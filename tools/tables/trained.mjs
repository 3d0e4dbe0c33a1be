// A run of the command line as a model, with the rows that it was trained on.
import { flows, impflow, data, wasm } from '../bench/library.mjs';

const { atMiddle, completeRows, pickValues } = data;

/** @import { TableContents } from '../../packages/impflow/dist/run.js' */

/**
 * A run with three sets of rows: its training rows, the rows that chose its weights, and fresh rows, complete and at
 * the middle of their noise.
 *
 * @param {string} run
 * @param {string} fresh A file.
 */
export const trainedOn = async (run, fresh) => {
  await wasm().start();
  const { checkpoint, source } = await impflow.readModel(run);
  const contents = /** @type {TableContents} */ (checkpoint.extra);
  const registries = flows.builtInRegistries;
  const open = impflow.openDensity(checkpoint, registries, source);
  const trained = impflow.trainedDensity(open, contents);
  const parts = await impflow.readPartsAgain(contents, checkpoint.seed, run);
  const { spec, layout } = trained.density;
  const all = data.valuesOf(await impflow.readRows(fresh, contents.options), spec.columns);
  const complete = pickValues(all, completeRows(all, layout));
  return {
    spec,
    trained,
    train: parts.complete.values,
    validation: parts.validation.values,
    /** As cells of the file, which `frameOfValues` writes. */
    cells: complete,
    fresh: atMiddle(complete, spec.columns),
  };
};
