export { eluGrad, eluSlope, lipSwishSlope, sinSlope, snakeSlope, softplusSlope, tanhSlope } from './activation';
export { lipSwishPullback } from './lip-swish';
export { cos, elu, erf, exp, expm1, log, sigmoid, sin, softplus, tanh } from './map';
