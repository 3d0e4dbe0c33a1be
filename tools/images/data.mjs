/** Options of `train` by data set. @type {Readonly<Record<string, readonly string[]>>} */
export const DATA = {
  digits: [],
  // Fashion-MNIST is evaluated on 1000 images, which is the number of test images of digits.
  'fashion-mnist': ['--test-images', '1000'],
};
