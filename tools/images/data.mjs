/** Options of `train` by data set. @type {Readonly<Record<string, readonly string[]>>} */
export const DATA = {
  digits: [],
  // Evaluated on as many images as digits have.
  'fashion-mnist': ['--test-images', '1000'],
};
