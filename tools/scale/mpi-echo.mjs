// A worker that does not compute. The worker answers each message with as many bytes as a gradient has.
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', ({ bytes }) => {
  const gradients = new ArrayBuffer(bytes);
  parentPort?.postMessage({ gradients }, [gradients]);
});
