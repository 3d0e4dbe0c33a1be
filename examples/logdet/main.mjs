import { fileURLToPath } from 'node:url';
import { wasm } from '@impflow/backend-wasm';

/**
 * Runs a program on the wasm backend if Node started its file: `node <file>`. Importing the file does nothing.
 *
 * @param {{ readonly url: string }} meta
 * @param {(print: (line: string) => void) => unknown} program
 */
export const main = async ({ url }, program) => {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const backend = await wasm().start();
  await program(console.log);
  backend.dispose();
};
