// A worker that does not compute. The worker replies to each message with the number of bytes of a gradient.
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', ({ bytes }) => {
  const gradients = new ArrayBuffer(bytes);
  parentPort?.postMessage({ gradients }, [gradients]);
});
