import { tf, wasm } from './library.mjs';
await wasm().start(); await wasm({ simd: 'stock' }).start();
const stock = new Map(tf.getKernelsForBackend('wasm').map((k) => [k.kernelName, k]));
await wasm(process.argv[2] ? { simd: process.argv[2] } : {}).start();
const ours = new Map(tf.getKernelsForBackend('wasm').map((k) => [k.kernelName, k]));
const { backend } = tf.engine();
const R = (shape) => tf.randomUniform(shape, -1, 1);
const min = (xs) => Math.min(...xs), med = (xs) => xs.sort((p, q) => p - q)[xs.length >> 1];
const run = (label, name, inputs, attrs) => {
  const t = [[], []], ks = [ours.get(name), stock.get(name)];
  const free = (o) => { for (const x of Array.isArray(o) ? o : [o]) backend.disposeData(x.dataId); };
  const one = (k) => free(k.kernelFunc({ inputs, attrs, backend }));
  for (const k of ks) for (let i = 0; i < 5; i++) one(k);
  for (let r = 0; r < 60; r++) ks.forEach((k, s) => { const q = s ? 1 : 3; const t0 = performance.now(); for (let i = 0; i < q; i++) one(k); t[s].push((performance.now() - t0) / q); });
  console.log(label.padEnd(34), 'us min', (min(t[0]) * 1e3).toFixed(1), (min(t[1]) * 1e3).toFixed(1), 'ratio of minima', (min(t[0]) / min(t[1])).toFixed(3), 'of medians', (med(t[0]) / med(t[1])).toFixed(3));
};
for (const [m, k, n] of [[1000, 128, 128], [250, 128, 128], [5000, 128, 128], [128, 1000, 128], [128,5000,128], [1000, 2, 128], [1000, 128, 2], [1000, 128, 6], [1000,6,128],[1000, 43, 128], [128, 1000, 2], [2, 1000, 128]])
  for (const [ta, tb] of [[false, false], [true, false], [false, true], [true, true]]) {
    const a = R(ta ? [k, m] : [m, k]), b = R(tb ? [n, k] : [k, n]);
    run(`${m} ${k} ${n} ${ta ? 'T' : '-'}${tb ? 'T' : '-'}`, 'BatchMatMul', { a, b }, { transposeA: ta, transposeB: tb });
  }
{ const a = R([1000, 2, 2]), b = R([1000, 2, 2]); run('batch 1000 2x2', 'BatchMatMul', { a, b }, { transposeA: false, transposeB: false }); run('batch 1000 2x2 T', 'BatchMatMul', { a, b }, { transposeA: true, transposeB: false }); }
{ const a = R([1000, 6, 6]), b = R([1000, 6, 6]); run('batch 1000 6x6', 'BatchMatMul', { a, b }, { transposeA: false, transposeB: false }); }
{ const a = R([1, 1000, 128]), b = R([1, 128, 128]), bias = R([128]); run('fused relu', '_FusedMatMul', { a, b, bias }, { transposeA: false, transposeB: false, activation: 'relu' }); }
for (const [shape, axis] of [[[1000, 128], [0]], [[1000, 128], [1]], [[1000, 2], [0]], [[1000, 2], [1]], [[1000, 6], [1]], [[128000], [0]], [[2, 1000, 128], [0]], [[1000],[0]]]) { const x = R(shape); run('sum ' + shape + ' over ' + axis, 'Sum', { x }, { axis, keepDims: false }); }
