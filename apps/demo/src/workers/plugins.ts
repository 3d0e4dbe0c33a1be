import { FlowError } from '@impflow/core';
import { extendRegistries, builtInRegistries, type Registries } from '@impflow/flows';

interface PluginSource {
  /**
   * Address against which relative addresses are resolved. Plugins are loaded only from the site of this address.
   * Default: the address of this script.
   */
  readonly here?: string;
  /** Imports a module. Default: `import()`. */
  readonly load?: (url: string) => Promise<object>;
}

/**
 * Returns the registries of the library, extended by the plugins at these addresses. Importing a plugin runs its code,
 * so pass only addresses that the visitor has typed and confirmed.
 *
 * @throws `option` for an address of another site, `input` for a module that cannot be loaded or is not a plugin,
 * `registry` for a name that is already registered.
 */
export const registriesWith = async (addresses: readonly string[], source: PluginSource = {}): Promise<Registries> => {
  let registries = builtInRegistries;
  for (const address of addresses) registries = extendRegistries(registries, await loaded(address, source), address);
  return registries;
};

const AT = 'demo/registriesWith';

const loaded = async (
  address: string,
  { here = location.href, load = (url) => import(/* @vite-ignore */ url) as Promise<object> }: PluginSource,
): Promise<object> => {
  const url = absolute(address, here);
  const site = new URL(here);
  if (url.protocol !== site.protocol || url.host !== site.host) {
    throw new FlowError('option', AT, 'A plugin from another site', {
      expected: `an address on ${site.origin}`,
      got: url.href.slice(0, 200),
      hint: 'Put the module beside the page: the page loads no code from other sites.',
    });
  }
  try {
    return await load(url.href);
  } catch (cause) {
    throw new FlowError('input', AT, `Cannot load the plugin ${url.href}`, {
      expected: 'a JavaScript module',
      got: (cause as Error).message.split('\n')[0]!.slice(0, 200),
      cause,
      hint: 'Check that the file exists, and that it has no imports of bare package names.',
    });
  }
};

const absolute = (address: string, here: string): URL => {
  try {
    return new URL(address, here);
  } catch (cause) {
    throw new FlowError('option', AT, 'Not an address', {
      expected: 'the address of a module on this site',
      got: `"${address}"`,
      cause,
      hint: 'Put the module beside the page and give its name.',
    });
  }
};
