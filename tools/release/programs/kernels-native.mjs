// Adds two numbers in the memory of WebAssembly with a native kernel.
import { nativeKernels } from '@impflow/kernels-native';

const native = await nativeKernels(),
  memory = new WebAssembly.Memory({ initial: 1 }),
  floats = new Float32Array(memory.buffer);
floats.set([1, 2, 3, 4]);
if (!('refused' in native)) native.on(memory).kernels.addTo(0, 8, 2);
console.log('refused' in native ? native.refused : `${native.set} kernels: 1 + 3 = ${floats[0]}`);
process.exitCode = floats[0] === 4 || 'refused' in native ? 0 : 1;
