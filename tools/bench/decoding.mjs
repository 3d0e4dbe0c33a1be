/**
 * The map from the base to the data, as a model for workers.
 *
 * @param {import('@impflow/flows').NormalizingFlow} model
 * @returns {import('@impflow/training').Mappable}
 */
export const decoding = (model) => ({ model, maps: { decode: (z, key, report) => model.decode(z, { key, report }) } });
