import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { parseWidths, parseWidthsFile } from '@precrop/sdk/crop/parse-widths';
import { findWidthGroups } from '@precrop/sdk/ir/width-groups';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const resnet = createArchitecture('resnet-20');
const fails = (run: () => unknown, part: RegExp): void => {
  assert.throws(run, (error: unknown) => error instanceof UsageError && part.test(error.message));
};

test('original: the widths as they are', () => {
  assert.equal(parseWidths('original', resnet), readWidths(resnet));
});

test('a multiplier gives every group the nearest multiple, one at least, on every architecture', () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v1-g3', 'shufflenet-v2-x1.0']) {
    const architecture = createArchitecture(name);
    for (const text of ['0.1', '0.25', '0.5', ' 0.75 ']) {
      const widths = parseWidths(text, architecture);
      withWidths(architecture, widths);
      for (const { name: group, width, multipleOf } of findWidthGroups(architecture).groups) {
        const given = widths.get(group) ?? 0;
        const step = multipleOf === 3 ? 24 : 8;
        assert.ok(given % step === 0 && given >= step && given <= width, `${group} ${given}`);
        assert.ok(given === step || Math.abs(given - width * Number(text)) <= step / 2, `${group} ${given}`);
      }
    }
  }
  assert.equal([...new Set(parseWidths('0.5', resnet).values())], [8, 16, 32]);
  assert.equal([...new Set(parseWidths('0.25', resnet, { align: 4 }).values())], [4, 8, 16]);
  assert.equal(parseWidths('1', resnet), readWidths(resnet));
});

test('a list changes what it names, with wildcards, the last one winning', () => {
  const widths = parseWidths('stage1=4, stage1.*=5,stage2*=16,stage2.block1.conv1=24', resnet);
  assert.is(widths.get('stage1'), 4);
  assert.is(widths.get('stage1.block3.conv1'), 5);
  assert.is(widths.get('stage2'), 16);
  assert.is(widths.get('stage2.block1.conv1'), 24);
  assert.is(widths.get('stage3'), 64);
  assert.is(widths.size, readWidths(resnet).size);
  // A dot is a dot.
  fails(() => parseWidths('stage1.block1xconv1=8', resnet), /no width group/);
});

test('what is no width ends in a sentence', () => {
  fails(() => parseWidths('half', resnet), /Widths are "half", but must be "original", a multiplier/);
  fails(() => parseWidths('', resnet), /Widths are ""/);
  fails(() => parseWidths('0', resnet), /multiplier is 0, but must be above 0 and at most 1/);
  fails(() => parseWidths('2', resnet), /multiplier is 2/);
  fails(() => parseWidths('stage9=8', resnet), /no width group "stage9". Its groups are: stage1, /);
  fails(() => parseWidths('stage1=0', resnet), /Width 0 of group "stage1" is not possible/);
  fails(() => parseWidths('stage1=8.5', resnet), /"stage1=8.5" is no width/);
  fails(() => parseWidths('stage1=8,', resnet), /"" is no width/);
  const shuffle = createArchitecture('shufflenet-v1-g3');
  const group = findWidthGroups(shuffle).groups.find(({ multipleOf }) => multipleOf === 3);
  fails(() => parseWidths(`${group?.name}=8`, shuffle), /Width 8 of group .* must be a multiple of 3/);
});

test('a file’s widths, checked against the architecture', () => {
  assert.is(parseWidthsFile({ architecture: 'resnet-20', widths: { stage1: 8 } }, resnet).get('stage1'), 8);
  assert.is(parseWidthsFile({ widths: { stage1: 8 } }, resnet).get('stage3'), 64);
  fails(() => parseWidthsFile({ architecture: 'vgg-16', widths: {} }, resnet), /widths of vgg-16, not of resnet-20/);
  fails(() => parseWidthsFile({ widths: { stage9: 8 } }, resnet), /no width group "stage9"/);
  fails(() => parseWidthsFile({ widths: { stage1: 8.5 } }, resnet), /Width 8.5 of group "stage1"/);
  fails(() => parseWidthsFile({ results: [] }, resnet), /holds no widths/);
  fails(() => parseWidthsFile(null, resnet), /holds no widths/);
});

test.run();
