import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/**
 * A component whose code is loaded when it is first needed: what a first visitor does not see must not delay the first
 * step. A file that does not come is asked for again at the next use.
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
