// @serial
import { test } from 'uvu';
import { createModel, listZoo } from '../../support/model-zoo.js';
import { findPython } from '../../support/python.js';
import { skip } from '../../support/skip.js';
import { modules, startReaders } from './readers.js';

const python = findPython(modules);
if ('path' in python) registerTests(python.path);
else skip(test, 'TFLite files of large images in LiteRT and OpenVINO', python.reason);

function registerTests(path: string): void {
  const readers = startReaders(path);
  for (const { name, architecture } of listZoo().filter(({ architecture: { input } }) => input[0] > 64)) {
    test(`${name}: LiteRT and OpenVINO agree with us`, () => readers.agree(createModel(architecture), [{}]));
  }
  test.after(() => readers.close());
}

test.run();
