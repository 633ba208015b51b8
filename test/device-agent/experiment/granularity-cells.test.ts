import { nameCell, realisations, toCells } from '@precrop/device-agent/experiment/granularity-cells';
import { test } from 'uvu';
import { equal, is } from 'uvu/assert';

const axes = { sources: ['synflow', 'erk'], densities: [0.2, 0.1], realisations, seeds: 3 };

test('every combination once, and the original once a seed, under names of their own', () => {
  const cells = toCells(axes);
  is(cells.length, 3 * (1 + 2 * 2 * realisations.length));
  is(new Set(cells.map(nameCell)).size, cells.length);
});

test('a seed is done before the next begins, and begins with the original', () => {
  const seeds = toCells(axes).map(({ seed }) => seed);
  equal(
    seeds,
    [...seeds].sort((a, b) => a - b),
  );
  for (const seed of [0, 1, 2]) is(toCells(axes).find((cell) => cell.seed === seed)?.realisation, 'original');
});

test('more seeds, or other sources, leave the cells that there were', () => {
  const before = toCells(axes).map(nameCell);
  const after = new Set(toCells({ ...axes, seeds: 5, sources: [...axes.sources, 'synexp'] }).map(nameCell));
  equal(
    before.filter((name) => !after.has(name)),
    [],
  );
});

test('names are those of the files', () => {
  is(nameCell({ source: 'synflow', density: 0.1, realisation: 'crop', seed: 0 }), 'synflow-0.1-crop-seed0');
  is(nameCell({ density: 1, realisation: 'original', seed: 2 }), 'original-seed2');
});

test.run();
