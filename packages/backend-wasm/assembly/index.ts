export * from './peak';
export { adam } from './adam';
export { capGradient } from './cap-gradient';
export { eliminate } from './eliminate';
export { largestSingular } from './golub-kahan';
export { tangentProduct, tangentPullback } from './tangent';
