// Reasons why tests of tfjs-core fail on @impflow/backend-wasm. `fails` matches the text "name: what went wrong" of a
// test. All these tests also fail on the backend of TensorFlow.js.
export const EXPECTED = [
  { fails: /Kernel 'Complex' not registered/, why: 'complex numbers: there is no kernel' },
  { fails: /Kernel 'Ragged\w+' not registered/, why: 'ragged tensors: there are no kernels' },
  { fails: /channelsFirst|dataFormat:'NCHW'/, why: 'convolutions support only NHWC' },
  {
    fails: /string|Kernel 'StaticRegexReplace' not registered|^squeeze .*Unknown dtype/i,
    why: 'strings: the WebAssembly module does not store them in its memory',
  },
  { fails: /only supports rank-1 bias/, why: 'fused operations support only a bias with one axis' },
  { fails: /BatchMatMul for non non-float32/, why: 'matrix products support only float32' },
  {
    fails: /^threshold method otsu/,
    why: 'threshold with the method otsu: it adds tensors whose shapes do not broadcast',
  },
  {
    fails: /^pool .* fractional outputs default rounding/,
    why: 'pooling whose windows do not fit, without a rounding mode',
  },
];
