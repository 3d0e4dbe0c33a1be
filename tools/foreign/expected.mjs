// Tests of tfjs-core that fail on this backend, by reason. `fails` matches "name: what went wrong". All of them also
// fail on the backend of TensorFlow.js.
export const EXPECTED = [
  { fails: /Kernel 'Complex' not registered/, why: 'complex numbers: there is no kernel' },
  { fails: /Kernel 'Ragged\w+' not registered/, why: 'ragged tensors: there are no kernels' },
  { fails: /channelsFirst|dataFormat:'NCHW'/, why: 'convolutions take NHWC alone' },
  {
    fails: /string|Kernel 'StaticRegexReplace' not registered|^squeeze .*Unknown dtype/i,
    why: 'strings: they do not lie in the memory of the module',
  },
  { fails: /only supports rank-1 bias/, why: 'fused operations take a bias of one axis' },
  { fails: /BatchMatMul for non non-float32/, why: 'products of matrices take float32 alone' },
  { fails: /^threshold method otsu/, why: 'its sums have shapes that do not broadcast' },
  {
    fails: /^pool .* fractional outputs default rounding/,
    why: 'pooling whose windows do not fit, without a rounding mode',
  },
];
