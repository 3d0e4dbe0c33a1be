/** A flow as what workers share: the map from the base to the data. */
export const decoding = (model) => ({ model, maps: { decode: (z, key, report) => model.decode(z, { key, report }) } });
