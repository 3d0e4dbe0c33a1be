import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/**
 * A component whose code is loaded at its first use. Code that a first visitor does not see must not delay the first
 * step. A file that fails to load is requested again at the next use.
 */
export const lazily = <Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): ((props: Props) => JSX.Element | null) => {
  let loaded: FunctionComponent<Props> | undefined;
  return (props) => {
    const [Component, set] = useState(() => loaded);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          set(() => component);
        },
        () => {},
      );
    }, []);
    return Component === undefined ? null : <Component {...props} />;
  };
};
