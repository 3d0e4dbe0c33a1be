import { fileURLToPath } from 'node:url';
import { wasm } from '@impflow/backend-wasm';

/**
 * Runs a program on the wasm backend if its file is the main module (`node <file>`). If the file is imported, nothing
 * runs.
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
