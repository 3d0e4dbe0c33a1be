// All code that computes in a page. It is bundled in one file, generated/page.js. The page imports this file and its
// workers run it: see module.ts.
import { serveFit } from './serve-fit.ts';
import { serveStep } from './serve-step.ts';
import { FIT, STEP } from './worker-names.ts';

export { load } from '../load.ts';
export { openTrained } from './open-trained.ts';
export { startHere } from './start-here.ts';

// The global variable `name` may exist in a page too, so `document` is checked, which a worker does not have.
const role = typeof document === 'undefined' ? (globalThis as { readonly name?: string }).name : undefined;
if (role === FIT) serveFit();
if (role === STEP) serveStep();
