/**
 * The lower triangle L with L Lᵀ = A of a symmetric positive definite matrix, row-major n x n. Only the lower triangle of A is read.
 * @throws RangeError where A is not positive definite.
 */
export function factorize(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] as number;
      const [a, b] = [row * n, column * n];
      for (let k = 0; k < column; k++) sum -= (lower[a + k] as number) * (lower[b + k] as number);
      if (row !== column) lower[a + column] = sum / (lower[b + column] as number);
      else if (sum > 0) lower[a + row] = Math.sqrt(sum);
      else throw new RangeError(`The matrix is not positive definite at row ${row}.`);
    }
  }
  return lower;
}

/** x with L x = b. */
export function solveLower(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = b[row] as number;
    for (let k = 0; k < row; k++) sum -= (lower[row * n + k] as number) * (x[k] as number);
    x[row] = sum / (lower[row * n + row] as number);
  }
  return x;
}

/** x with Lᵀ x = b. */
export function solveUpper(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let row = n - 1; row >= 0; row--) {
    const value = (x[row] as number) / (lower[row * n + row] as number);
    x[row] = value;
    for (let k = 0; k < row; k++) x[k] = (x[k] as number) - (lower[row * n + k] as number) * value;
  }
  return x;
}

/** Diagonal of (L Lᵀ)⁻¹: what leaving one observation out needs. */
export function inverseDiagonal(lower: Float64Array, n: number): Float64Array {
  const diagonal = new Float64Array(n);
  for (let column = 0; column < n; column++) {
    const unit = new Float64Array(n);
    unit[column] = 1;
    const x = solveLower(lower, unit); // zero above `column`
    for (let row = column; row < n; row++) diagonal[column] = (diagonal[column] as number) + (x[row] as number) ** 2;
  }
  return diagonal;
}
