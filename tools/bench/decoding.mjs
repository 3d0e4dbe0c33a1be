/**
 * Returns the map from base points to data points as a model that workers can run.
 *
 * @param {import('@impflow/flows').NormalizingFlow} model
 * @returns {import('@impflow/training').Mappable}
 */
export const decoding = (model) => ({ model, maps: { decode: (z, key, report) => model.decode(z, { key, report }) } });
