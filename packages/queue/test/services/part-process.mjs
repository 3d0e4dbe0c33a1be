// Computes one part in a separate process. Ends when its worker is gone.
import { writePart } from './part.mjs';

process.on('disconnect', () => process.exit(1));
process.once('message', (message) => {
  writePart(/** @type {import('./harness.ts').PartTask} */ (message)).then(
    () => process.send?.('done', () => process.disconnect()),
    () => process.exit(1),
  );
});
