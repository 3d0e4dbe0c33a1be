// Finds SwiftShader, the software Vulkan that comes with Chromium, for the tests of WebGPU in Node.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromiumPath } from './chromium.mjs';

/**
 * Returns the environment variables that make Vulkan compute by SwiftShader. Without SwiftShader, returns an empty
 * record, and Vulkan uses the drivers of the system.
 *
 * @returns {{ readonly VK_DRIVER_FILES?: string }}
 */
export const softwareVulkan = () => {
  const chromium = chromiumPath();
  if (chromium === undefined) return {};
  // Debian's `chromium` is a script outside the folder of the program.
  const files = [dirname(realpathSync(chromium)), '/usr/lib/chromium'].map((folder) =>
    join(folder, 'vk_swiftshader_icd.json'),
  );
  const file = files.find((each) => existsSync(each));
  return file === undefined ? {} : { VK_DRIVER_FILES: file };
};
