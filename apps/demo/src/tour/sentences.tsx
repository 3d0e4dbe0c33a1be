import type { JSX } from 'preact';
import type { StationName } from '../station-names.ts';
import { Word } from './word.tsx';

/** What the tour says at each station. Words that are about a part of the page light this part. */
export const SENTENCES: Readonly<Record<StationName, { readonly title: string; readonly sentence: JSX.Element }>> = {
  cloud: {
    title: 'A flow moves points',
    sentence: (
      <>
        A flow moves <Word part="left">the data</Word>, <Word part="blocks">block by block</Word>, until they are{' '}
        <Word part="right">a round cloud</Word>; every move can be undone, so fresh points from the cloud become{' '}
        <Word part="left">new data</Word>.
      </>
    ),
  },
  wall: {
    title: 'A simple block hits a wall',
    sentence: (
      <>
        Between two clumps of points a flow must stretch space: along a line, that is{' '}
        <Word part="wanted">a steep edge</Word>. The simplest block, called <Word part="residual">residual</Word>, only
        adds a gentle push to its input: predict whether it can copy the edge.
      </>
    ),
  },
  divide: {
    title: 'An implicit block searches',
    sentence: (
      <>
        An implicit block searches for its answer: the input sets the height of <Word part="line">a line</Word>, and the
        answer is where <Word part="curve">a curve</Word> <Word part="crossing">crosses it</Word>; where the curve is
        nearly flat, a small move of <Word part="input">the input</Word> moves the crossing far, and{' '}
        <Word part="answer">that is a steep edge</Word>.
      </>
    ),
  },
  pays: {
    title: 'Sharp data: here it pays',
    sentence: (
      <>
        These eight clouds are thin, so space must be stretched steeply between them:{' '}
        <Word part="first">the implicit model</Word> is soon <Word part="score">ahead</Word> of{' '}
        <Word part="second">the residual model</Word>, with as many numbers to learn and as much computing time.
      </>
    ),
  },
  yours: {
    title: 'Your own data',
    sentence: (
      <>
        Somebody drew this heart by hand; now <Word part="draw">draw points</Word> of your own, or{' '}
        <Word part="table">open a table</Word>: nothing leaves this browser.
      </>
    ),
  },
  questions: { title: 'Two questions', sentence: <>Three curves, one block: predict which of them can be learned.</> },
};
