// The part of the test framework that the helpers of tfjs-core's tests need: an object that takes a time limit.
export const core = () => globalThis.jasmine;
