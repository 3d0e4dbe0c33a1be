// `npm run setup:zig`: creates a virtual environment with zig, in the version of requirements.txt. Does nothing if the
// environment is complete.
import { makeEnvironment } from '../bench/environment.mjs';
import { zigPython } from './python.mjs';

makeEnvironment(zigPython, {
  name: 'zig',
  minor: 9,
  installing: 'zig',
  space: '440 MB',
  check: 'import subprocess, sys; subprocess.run([sys.executable, "-m", "ziglang", "version"], check=True)',
});
