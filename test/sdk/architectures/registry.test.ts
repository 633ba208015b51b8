import { createArchitecture, listArchitectures, parseArchitectureName } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { parseArchitecture } from '@precrop/sdk/ir/validate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const published = listArchitectures().flatMap(({ published }) => published);

test('every published name is the one spelling of itself, and comes back whole from JSON', () => {
  for (const name of published) {
    const architecture = createArchitecture(name);
    assert.is(architecture.name, name);
    assert.equal(parseArchitecture(JSON.parse(JSON.stringify(architecture))), architecture);
  }
});

test('every name that the grammar allows makes a valid architecture of that name', () => {
  for (const { family, sizes, modifiers } of listArchitectures()) {
    const choices = modifiers.map(({ letter, allowed = letter === 'x' ? [0.1, 0.35, 1.3] : [3, 20] }) => [
      '',
      ...allowed.map((value) => `-${letter}${value}`),
    ]);
    const options = choices.reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => head + tail)), ['']);
    for (const text of sizes.flatMap((size) =>
      options.flatMap((option) => ['-cifar', '-imagenet', ''].map((end) => `${family}-${size}${option}${end}`)),
    )) {
      const { name, dataset } = parseArchitectureName(text);
      const { input, classes, ...architecture } = createArchitecture(text);
      assert.equal([input, classes], dataset === 'cifar' ? [[32, 32, 3], 10] : [[224, 224, 3], 1000], text);
      assert.is(architecture.name, name);
      assert.is(parseArchitectureName(name).name, name);
      assert.equal(architecture.nodes, createArchitecture(name).nodes);
    }
  }
});

test('a name is taken apart with its defaults', () => {
  const resnet = { family: 'resnet', size: '20', dataset: 'cifar', multiplier: 1, groups: 1 };
  assert.equal(parseArchitectureName('resnet-20'), { ...resnet, name: 'resnet-20', baseWidth: 16 });
  assert.equal(parseArchitectureName('resnet-20-w4-cifar'), { ...resnet, name: 'resnet-20-w4', baseWidth: 4 });
  const shufflenet = { family: 'shufflenet', size: 'v1', dataset: 'imagenet', multiplier: 1, baseWidth: 0 };
  assert.equal(parseArchitectureName('shufflenet-v1'), { ...shufflenet, name: 'shufflenet-v1-g3', groups: 3 });
  assert.equal(parseArchitectureName('shufflenet-v1-x0.5-g8-cifar'), {
    ...shufflenet,
    name: 'shufflenet-v1-g8-x0.5-cifar',
    groups: 8,
    multiplier: 0.5,
    dataset: 'cifar',
  });
  assert.is(parseArchitectureName('mobilenet-v2-x1-imagenet').name, 'mobilenet-v2-x1.0');
  assert.is(parseArchitectureName('mobilenet-v2-x0.75').multiplier, 0.75);
});

test('-wK is the width of the first stage', () => {
  const widths = (name: string): (number | undefined)[] =>
    [1, 2, 3].map((stage) => {
      const node = createArchitecture(name).nodes.find(({ id }) => id === `stage${stage}.block1.conv2`);
      return node?.op === 'conv' ? node.outChannels : undefined;
    });
  assert.equal(widths('resnet-20'), [16, 32, 64]);
  assert.equal(widths('resnet-20-w4'), [4, 8, 16]);
});

test('classes and the size of the image can be chosen', () => {
  const architecture = createArchitecture('mobilenet-v2', { classes: 7, inputSize: 96 });
  assert.equal([architecture.input, architecture.classes], [[96, 96, 3], 7]);
  assert.throws(
    () => createArchitecture('vgg-16-imagenet', { inputSize: 64 }),
    /"head\.conv1" slides a 7x7 window over an image of only 2x2/,
  );
  for (const value of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => createArchitecture('resnet-20', { classes: value }),
      /^classes of resnet-20 is .*, but must be a whole number of at least 1\.$/,
    );
    assert.throws(() => createArchitecture('resnet-20', { inputSize: value }), /^inputSize of resnet-20 is /);
  }
});

const refused: Readonly<Record<string, string>> = {
  'resnet-21':
    'Unknown architecture "resnet-21". resnet comes as 20, 32, 44, 56, 110 (CIFAR-10) and 18, 34, 50 (ImageNet). Did you mean resnet-20?',
  'ResNet-20': 'Did you mean resnet-20?',
  resnet50: 'Did you mean resnet-50?',
  'mobilenetv2-x0.5': 'Did you mean mobilenet-v2-x0.5?',
  'mobilnet-v1-x0.25-cifar': 'Did you mean mobilenet-v1-x0.25-cifar?',
  'mobilenet-v3': 'mobilenet comes as v1 (ImageNet) and v2 (ImageNet). Did you mean mobilenet-v2-x1.0?',
  resnet: 'resnet comes as 20, 32, 44, 56, 110 (CIFAR-10) and 18, 34, 50 (ImageNet).',
  'densenet-121': 'Known families: resnet, vgg, mobilenet, shufflenet.',
  'resnet-20-cifar10': 'Did you mean resnet-20?',
  'shufflenet-v1-g5': 'shufflenet-v1 comes with -g1, -g2, -g3, -g4, -g8 (groups of the 1x1 convolutions). Did you mean shufflenet-v1-g4?',
  'shufflenet-v2-x1.7-cifar': 'Did you mean shufflenet-v2-x1.5-cifar?',
  'resnet-20-x0.5': 'resnet-20 takes no -x0.5. Its names read resnet-{20|32|44|56|110}[-wK][-cifar|-imagenet].',
  'resnet-20-w4-w8': '-w is there twice.',
  'resnet-20-w0': '-w0 (width of the first stage) must be a whole number of at least 1.',
  'resnet-20-w4.5': '-w4.5 (width of the first stage) must be a whole number of at least 1.',
  'mobilenet-v2-x0': '-x0 (multiplies every width) must be a number above 0.',
  'vgg16-bn-imagenet': 'Did you mean vgg-16-imagenet?',
  transformer: 'Known families: resnet, vgg, mobilenet, shufflenet.',
  '': 'Unknown architecture "".',
  constructor: 'Unknown architecture "constructor".',
};

for (const [name, sentence] of Object.entries(refused)) {
  test(`refuses "${name}"`, () => {
    assert.throws(
      () => createArchitecture(name),
      (error: unknown) =>
        error instanceof UsageError &&
        error.message.startsWith(`Unknown architecture "${name}"`) &&
        error.message.includes(sentence) &&
        !error.message.includes('\n'),
    );
  });
}

test('every suggestion is a name that exists', () => {
  for (const name of published) {
    for (const typo of [name.slice(1), name.replace('-', ''), `${name}x`, name.replace('e', 'a')]) {
      try {
        createArchitecture(typo);
      } catch (error) {
        const suggestion = /Did you mean (.+)\?/.exec((error as Error).message)?.[1];
        assert.ok(suggestion !== undefined && createArchitecture(suggestion), `${typo}: ${(error as Error).message}`);
      }
    }
  }
});

test('the list says what each family is and where it comes from', () => {
  for (const { family, sizes, grammar, source, published } of listArchitectures()) {
    assert.match(grammar, new RegExp(`^${family}-.*\\[-cifar\\|-imagenet\\]$`));
    assert.match(source, /arXiv \d{4}\.\d{5}|arXiv \d{4}\.\d{4}/);
    for (const size of sizes) assert.ok(published.some((name) => name.startsWith(`${family}-${size}`)));
  }
  assert.is(listArchitectures()[0]?.grammar, 'resnet-{20|32|44|56|110}[-wK][-cifar|-imagenet]');
});

test.run();
