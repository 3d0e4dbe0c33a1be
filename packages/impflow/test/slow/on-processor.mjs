// A program for emulated processors. Prints which kernels this processor runs, and the result of a short training. node
// on-processor.mjs [KERNELS]
import { wasm } from '@impflow/backend-wasm';
import { fit } from 'impflow';

const backend = wasm({ kernels: process.argv[2] ?? 'auto' });
const { kernels, withoutNative } = (await backend.start()).capabilities;
const rows = Array.from({ length: 100 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(3 * i) + Math.sin(i) }));
// A fixed base and scaling: the search for them takes a minute on an emulated processor.
const { report } = await fit(rows, { steps: 3, seed: 1, workers: 1, backend, base: 'normal', scaling: 'standard' });
console.log(JSON.stringify({ kernels, withoutNative, backend: report.backend, nats: report.heldOut.nats }));
