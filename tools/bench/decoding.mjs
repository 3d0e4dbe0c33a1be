/** The map from the base to the data, as a model for workers. */
export const decoding = (model) => ({ model, maps: { decode: (z, key, report) => model.decode(z, { key, report }) } });
