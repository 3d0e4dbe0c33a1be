// In a page: computes a matrix product on WebGL.
import { webgl } from '@impflow/backend-webgl';
import { matMul, ones } from '@tensorflow/tfjs-core';

const {
  name,
  capabilities: { renderer },
} = await webgl().start();
const product = await matMul(ones([20, 300]), ones([300, 20])).data();
console.log(`on ${name}, ${renderer}: ${product[0]}`);
if (product.some((one) => one !== 300)) throw new Error('The product is wrong.');
