/** Writes what the Python scripts read: `node test/dist/golden/saliency/write-input.js DIRECTORY`, a JSON file a network. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toInference } from '@precrop/sdk/program/training-step';
import { createScoringNetwork, scoringArchitectures } from './scoring-network.js';

const directory = process.argv[2] ?? '.';
mkdirSync(directory, { recursive: true });
for (const { file } of scoringArchitectures) {
  const { architecture, weights, batch, masks } = createScoringNetwork(file);
  const variables = toInference(architecture).variables.map(({ name, shape }) => [
    name,
    { shape, data: encode(weights.get(name) ?? new Float32Array()) },
  ]);
  const input = {
    architecture,
    variables: Object.fromEntries(variables),
    images: encode(batch.images),
    labels: [...batch.labels],
    masks: Object.fromEntries([...masks].map(([id, mask]) => [id, Buffer.from(mask).toString('base64')])),
  };
  writeFileSync(join(directory, `${file}.input.json`), JSON.stringify(input));
}

function encode(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}
