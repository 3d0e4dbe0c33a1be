// One file for a page, where nothing is found by a package's name: see README.md, "In a page".
export default {
  input: 'src/index.ts',
  platform: 'browser',
  output: { file: 'dist/page/irons-tuck.js', format: 'es', codeSplitting: false, minify: true },
};
