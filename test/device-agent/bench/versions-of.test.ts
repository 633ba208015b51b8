import { versionsOf } from '@precrop/device-agent/bench/versions-of';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('a name of several words, and a version, become an entry', () => {
  const of = (version: string): unknown => versionsOf({ status: 'ready', device: 'CPU', version });
  assert.equal(of('TensorFlow 2.21.0'), { tensorflow: '2.21.0' });
  assert.equal(of('ONNX Runtime 1.30.0'), { 'onnx-runtime': '1.30.0' });
  assert.equal(of('tfjs-tflite 0.0.1-alpha.10'), { 'tfjs-tflite': '0.0.1-alpha.10' });
});

test('what is absent has no version', () => assert.equal(versionsOf({ status: 'absent', reason: 'gone' }), {}));

test.run();
