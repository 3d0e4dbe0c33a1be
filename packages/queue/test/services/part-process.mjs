// A process that computes and writes the file of one test task. The process ends when its worker has ended.
import { writePart } from './part.mjs';

process.on('disconnect', () => process.exit(1));
process.once('message', (message) => {
  writePart(/** @type {import('./harness.ts').PartTask} */ (message)).then(
    () => process.send?.('done', () => process.disconnect()),
    () => process.exit(1),
  );
});
