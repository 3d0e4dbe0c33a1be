// Loads a run of the command line as a model, with the rows on which it was trained.
import { flows, impflow, data, wasm } from '../bench/library.mjs';

const { atMiddle, completeRows, pickValues } = data;

/** @import { TableContents } from '../../packages/impflow/dist/run.js' */

/**
 * Returns a run with three sets of rows: its training rows, its validation rows, and the complete fresh rows. Numbers
 * of fresh rows are at the middle of their rounding noise.
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
    /** The complete fresh rows with the values of the file, for `frameOfValues`. */
    cells: complete,
    fresh: atMiddle(complete, spec.columns),
  };
};
