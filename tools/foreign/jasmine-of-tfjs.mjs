// What the helpers of tfjs-core's tests ask the test framework for: an object that takes a time limit.
export const core = () => globalThis.jasmine;
