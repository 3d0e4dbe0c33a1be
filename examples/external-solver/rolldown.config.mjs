// Bundles the plugin into one file, because a page cannot resolve package names: see README.md, "In a page".
export default {
  input: 'src/index.ts',
  platform: 'browser',
  output: { file: 'dist/page/irons-tuck.js', format: 'es', codeSplitting: false, minify: true },
};
