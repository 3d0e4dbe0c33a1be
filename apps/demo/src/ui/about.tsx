import type { JSX } from 'preact';

/** A short explanation of implicit flows. */
export const About = ({ tour }: { readonly tour: () => void }): JSX.Element => (
  <section class="about" aria-labelledby="about-title">
    <h2 id="about-title">What is an implicit flow?</h2>
    <div class="columns">
      <div>
        <p>
          A normalizing flow learns a map that can be undone. It carries the data to a plain Gaussian, and so gives
          every point a density: the density of the Gaussian where the point arrives, times |det J|, by which the map
          stretches the plane there.
        </p>
        <math display="block">
          <mi>log</mi>
          <mspace width="0.2em" />
          <mi>p</mi>
          <Open />
          <mi>x</mi>
          <Close />
          <mo>=</mo>
          <mi>log</mi>
          <mspace width="0.2em" />
          <mi>N</mi>
          <Open />
          <mi>z</mi>
          <Close />
          <mo>+</mo>
          <mi>log</mi>
          <mspace width="0.2em" />
          <Bar />
          <mi>det</mi>
          <mspace width="0.2em" />
          <mi>J</mi>
          <Bar />
        </math>
        <p>
          Each block of an implicit flow says only which equation{' '}
          <math>
            <mi>z</mi>
          </math>{' '}
          solves, not how to compute it. Both nets are held to slopes below 1, so there is always exactly one solution;
          a solver finds it in a few steps.
        </p>
        <math display="block">
          <mi>z</mi>
          <mo>+</mo>
          <msub>
            <mi>g</mi>
            <mi>z</mi>
          </msub>
          <Open />
          <mi>z</mi>
          <Close />
          <mo>=</mo>
          <mi>x</mi>
          <mo>+</mo>
          <msub>
            <mi>g</mi>
            <mi>x</mi>
          </msub>
          <Open />
          <mi>x</mi>
          <Close />
        </math>
      </div>
      <div>
        <p>
          A residual flow is the case without{' '}
          <math>
            <msub>
              <mi>g</mi>
              <mi>z</mi>
            </msub>
          </math>
          . Its blocks have slopes below 2, and a steep map takes many of them. An implicit block divides one such slope
          by another, and can be as steep as it has to be, with no more parameters: the{' '}
          <a
            href="#tour=wall"
            onClick={(event) => {
              event.preventDefault();
              tour();
            }}
          >
            tour
          </a>{' '}
          shows it on a line. In races of equal parameters and seconds, few implicit blocks win where densities are
          sharp. On smooth densities both kinds end level.
        </p>
        <p>
          No step of the solver is differentiated. At the solution, the implicit function theorem gives the gradient
          from one linear system, independent of the steps of the solver.
        </p>
        <ul>
          <li>
            <a href="https://arxiv.org/abs/2103.09527">Lu, Chen, Li, Wang, Zhu: Implicit Normalizing Flows, 2021</a>
          </li>
          <li>
            <a href="https://arxiv.org/abs/1906.02735">Chen, Behrmann, Duvenaud, Jacobsen: Residual Flows, 2019</a>
          </li>
          <li>
            <a href="https://arxiv.org/abs/1605.08803">Dinh, Sohl-Dickstein, Bengio: Real NVP (coupling), 2016</a>
          </li>
        </ul>
      </div>
    </div>
  </section>
);

// Parentheses in formulas are not stretched, because not every system has a font with stretchable parentheses. The
// attribute value is the string 'false', because Preact omits attributes whose value is the boolean false.
const AS_THEY_ARE: object = { stretchy: 'false' };
const Open = (): JSX.Element => <mo {...AS_THEY_ARE}>(</mo>;
const Close = (): JSX.Element => <mo {...AS_THEY_ARE}>)</mo>;
const Bar = (): JSX.Element => (
  <mo {...AS_THEY_ARE} lspace="0" rspace="0">
    |
  </mo>
);

/** The footer of the page, with the sources of the data. */
export const Footer = (): JSX.Element => (
  <footer class="page-footer">
    <p>
      Everything runs in this browser; nothing is sent anywhere. Earthquakes: all events of a week of 2018, from the
      United States Geological Survey, public domain. Zip codes: <a href="https://www.geonames.org">GeoNames</a>,
      Creative Commons Attribution 4.0. Both data sets come from the package vega-datasets. The toy densities are common
      in the literature.
    </p>
  </footer>
);
