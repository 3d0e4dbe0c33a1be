import { fit, load } from 'impflow';

// For the tests, which call them from outside.
Object.assign(globalThis, { fitInPage: fit, loadInPage: load });
