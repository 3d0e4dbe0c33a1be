import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { parityCase, testParity } from '../parity/suite.ts';

const files = import.meta.glob<string>('../parity/fixtures/*.safetensors', {
  query: '?url',
  import: 'default',
  eager: true,
});
const cases = await Promise.all(
  Object.entries(files).map(async ([path, url]) =>
    parityCase(path.split('/').at(-1)!, new Uint8Array(await (await fetch(url)).arrayBuffer())),
  ),
);

testParity(webgl(), cases);
// Images are left out here: WebGPU in software takes minutes for the exact log-determinant of an image.
// `npm run measure -- backends` compares flows on images.
testParity(
  webgpu(),
  cases.filter(({ spec }) => spec.kind !== 'image'),
);
