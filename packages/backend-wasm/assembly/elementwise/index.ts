export { eluGrad, eluSlope, lipSwishSlope, sinSlope, snakeSlope, softplusSlope, tanhSlope } from './activation';
export { lipSwishPullback } from './lip-swish';
export { cos, elu, erf, exp, expm1, log, log1p, sigmoid, sign, sin, softplus, tanh } from './map';
