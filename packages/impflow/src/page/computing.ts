// All code that computes in a web page, bundled in the file generated/page.js. The page imports the file, and the
// workers of the page run the file: see module.ts.
import { serveFit } from './serve-fit.ts';
import { serveStep } from './serve-step.ts';
import { FIT, STEP } from './worker-names.ts';

export { load } from '../load.ts';
export { openTrained } from './open-trained.ts';
export { startHere } from './start-here.ts';

// The global variable `name` may also exist in a page. Only a page has `document`, so its absence identifies a worker.
const role = typeof document === 'undefined' ? (globalThis as { readonly name?: string }).name : undefined;
if (role === FIT) serveFit();
if (role === STEP) serveStep();
