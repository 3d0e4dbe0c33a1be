import { fit, load } from 'impflow';

// The tests call these functions from outside the page.
Object.assign(globalThis, { fitInPage: fit, loadInPage: load });
