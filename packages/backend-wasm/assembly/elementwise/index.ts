export { eluGrad, eluSlope, sinSlope, softplusSlope, tanhSlope } from './activation';
export { cos, elu, erf, exp, expm1, log, sigmoid, sin, softplus, tanh } from './map';
