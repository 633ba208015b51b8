import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { countProgramMacs } from '@precrop/sdk/program/count-program-macs';
import type { Program } from '@precrop/sdk/program/program';

const side = 1024;
const products = 4;

/** A matrix multiplied again and again: what a processor does best. One number is read back, so that little is copied. */
export const peakProgram: Program = createPeakProgram();

/** Multiply-accumulates of one run. */
export const peakMacs: number = countProgramMacs(peakProgram, 1);

function createPeakProgram(): Program {
  const builder = createProgramBuilder('peak', 'infer');
  const initializer = { kind: 'fan-in-uniform', fanIn: side } as const;
  const matrix = builder.variable({ name: 'matrix', shape: [side, side], role: 'kernel', initializer });
  let power = matrix;
  for (let count = 0; count < products; count++) power = builder.emit('matmul', [power, matrix], { transposeA: false, transposeB: false });
  return builder.finish({ sum: builder.emit('reduceSum', [power], { axes: [0, 1] }) });
}
