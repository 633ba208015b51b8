import { createRng } from '@precrop/sdk/core/rng';
import { factorize, inverseDiagonal, solveLower, solveUpper } from '@precrop/sdk/cost/cholesky';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const n = 12;
const rng = createRng(1);
const root = Float64Array.from({ length: n * n }, () => rng.normal());
const matrix = new Float64Array(n * n);
for (let i = 0; i < n; i++)
  for (let j = 0; j < n; j++) {
    let sum = i === j ? 0.5 : 0;
    for (let k = 0; k < n; k++) sum += (root[i * n + k] ?? 0) * (root[j * n + k] ?? 0);
    matrix[i * n + j] = sum;
  }

test('the factor times its transpose is the matrix, and solving undoes multiplying', () => {
  const lower = factorize(matrix, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (lower[i * n + k] ?? 0) * (lower[j * n + k] ?? 0);
      near(sum, matrix[i * n + j] ?? 0, 1e-9);
    }
  const x = Float64Array.from({ length: n }, (_, i) => i - 3);
  const b = Float64Array.from({ length: n }, (_, i) => x.reduce((sum, value, j) => sum + value * (matrix[i * n + j] ?? 0), 0));
  solveUpper(lower, solveLower(lower, b)).forEach((value, i) => {
    near(value, x[i] ?? 0, 1e-8);
  });
});

test('the diagonal of the inverse is that of solved unit vectors', () => {
  const lower = factorize(matrix, n);
  inverseDiagonal(lower, n).forEach((value, i) => {
    const unit = Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0));
    near(value, solveUpper(lower, solveLower(lower, unit))[i] ?? 0, 1e-9);
  });
});

test('a matrix that is not positive definite is refused', () => {
  assert.throws(() => factorize(Float64Array.of(1, 2, 2, 1), 2), /not positive definite at row 1/);
});

test.run();
