/** A process that trains until somebody kills it: `node train-until-killed.js CHECKPOINT`. Says `checkpoint` once one was saved in mid-epoch. */
import { existsSync } from 'node:fs';
import { createContext } from '@precrop/sdk/core/context';
import { createShapesTrainer } from './train-shapes.js';

const [, , checkpoint = ''] = process.argv;
let steps = 0;
const emit = (): void => {
  // Some steps further than the last checkpoint, so that a resumed run has to do them again.
  if (existsSync(checkpoint) && ++steps === 3) process.stdout.write('checkpoint\n');
};
const trainer = await createShapesTrainer({ checkpoint, checkpointEveryMs: 1 }, createContext({ emit }));
while (!trainer.finished) await trainer.trainEpoch();
process.stdout.write('finished\n');
