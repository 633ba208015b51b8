import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { ModelFileError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { exportModel } from '@precrop/sdk/export/registry';
import { tflite } from '@precrop/sdk/export/tflite/format';
import { encodeTable, type Table } from '@precrop/sdk/export/tflite/table';
import { verifyTflite } from '@precrop/sdk/export/tflite/verify';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../../support/every-op.js';
import { createModel } from '../../../support/model-zoo.js';
import { isPointwise, zeroSmallest } from '../../../support/zero-smallest.js';

const everyOp = createModel(createEveryOp());
const mobilenet = zeroSmallest(createModel(createArchitecture('mobilenet-v1-x0.25')), 0.9, isPointwise);

async function bytesOf(...args: Parameters<typeof exportModel>): Promise<Uint8Array> {
  const [bytes] = (await exportModel(...args)).files.values();
  return bytes as Uint8Array;
}

/** The sentence with which bytes are refused; undefined where they are not. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    tflite.readDescription({ format: 'tflite', files: new Map([['m', bytes]]) });
    return undefined;
  } catch (error) {
    assert.instance(error, ModelFileError, String(error));
    return (error as Error).message;
  }
}

test('files of every kind that is written are accepted', async () => {
  for (const sparse of [false, true]) {
    for (const float16 of [false, true]) {
      for (const fold of [false, true]) verifyTflite(await bytesOf(everyOp, 'tflite', { sparse, float16, fold, batch: 3 }));
    }
  }
  verifyTflite(await bytesOf(mobilenet, 'tflite', { sparse: true }));
});

test('a file that ends anywhere before its end is refused', async () => {
  const bytes = await bytesOf(everyOp, 'tflite');
  for (let length = 0; length < bytes.length; length += 1 + (length >> 4)) assert.ok(refusal(bytes.slice(0, length)), `${length} bytes`);
});

test('changed bytes give a description or a sentence', async () => {
  const rng = createRng(1);
  const files = [
    await bytesOf(everyOp, 'tflite'),
    await bytesOf(
      zeroSmallest(everyOp, 0.8, () => true),
      'tflite',
      { sparse: true },
    ),
  ];
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = (files[round % 2] as Uint8Array).slice();
    const view = new DataView(bytes.buffer);
    for (let change = 0; change <= round % 3; change++) {
      const at = 4 * rng.integer(0, bytes.length / 4 - 1);
      const values = [rng.integer(-(2 ** 31), 2 ** 31 - 1), -1, 0x7fffffff, rng.integer(0, bytes.length), at, 0];
      if (rng.uniform() < 0.5) view.setInt32(at, values[rng.integer(0, values.length - 1)] as number, true);
      else view.setUint8(at + rng.integer(0, 3), rng.integer(0, 255));
    }
    if (refusal(bytes)) refused++;
  }
  assert.ok(refused > 300, `only ${refused} of 3000 were refused`);
});

const graph = (
  tensors: readonly Table[],
  operators: readonly Table[] = [],
  more: Partial<{ buffers: Table[]; inputs: number[]; outputs: number[] }> = {},
) => {
  const { buffers = [[]], inputs = [0], outputs = [0] } = more;
  const subgraph: Table = [{ tables: tensors }, { ints: inputs }, { ints: outputs }, { tables: operators }];
  const model: Table = [
    { int: 3 },
    { tables: [19, 34, 17].map((code): Table => [{ byte: code }]) },
    { tables: [subgraph] },
    undefined,
    { tables: buffers },
  ];
  return encodeTable(model, 'TFL3', 1024);
};
const tensor = (shape: readonly number[], buffer = 0, sparsity?: Table): Table => [
  { ints: shape },
  { byte: 0 },
  { int: buffer },
  'name',
  undefined,
  undefined,
  sparsity && { table: sparsity },
];
const relu = (from: number, to: number): Table => [{ int: 0 }, { ints: [from] }, { ints: [to] }];
const data = (...values: readonly number[]): Table => [{ data: new Uint8Array(Float32Array.from(values).buffer) }];

test('a small graph is accepted', () => {
  assert.is(refusal(graph([tensor([1, 2]), tensor([1, 2])], [relu(0, 1)], { outputs: [1] })), undefined);
  assert.is(refusal(graph([tensor([1, 2]), tensor([1, 2], 1)], [], { buffers: [[], data(1, 2)] })), undefined);
});

for (const [what, bytes, sentence] of [
  ['a negative axis', graph([tensor([1, -2])]), /axis of -2/],
  ['ten gigabytes', graph([tensor([1, 50_000, 50_000])]), /takes 10000000000 bytes/],
  ['nine axes', graph([tensor([1, 1, 1, 1, 1, 1, 1, 1, 1])]), /9 axes/],
  [
    'a constant longer than its shape',
    graph([tensor([1, 2]), tensor([1], 1)], [], { buffers: [[], data(1, 2)] }),
    /takes 4 bytes, but has 8/,
  ],
  ['a buffer that is not there', graph([tensor([1], 7)]), /a buffer number 7/],
  ['a tensor that is not there', graph([tensor([1])], [relu(0, 9)]), /a tensor number 9/],
  ['a cycle', graph([tensor([1]), tensor([1]), tensor([1])], [relu(2, 1), relu(1, 2)]), /reads tensor 2 before/],
  ['an operator that reads itself', graph([tensor([1]), tensor([1])], [relu(1, 1)]), /reads tensor 1 before/],
  ['a value that is computed twice', graph([tensor([1]), tensor([1])], [relu(0, 1), relu(0, 1)]), /tensor 1, which has a value/],
  ['an output that nothing computes', graph([tensor([1]), tensor([1])], [], { outputs: [1] }), /the output reads tensor 1/],
  ['an operator of no kind', graph([tensor([1]), tensor([1])], [[{ int: 5 }, { ints: [0] }, { ints: [1] }]]), /an operator code number 5/],
] as const) {
  test(`${what} is refused`, () => assert.match(refusal(bytes) ?? 'accepted', sentence));
}

for (const [what, change] of [
  ['a window of a million lines', { window: 1_000_000 }],
  ['steps of no line', { stride: 0 }],
  ['steps back', { stride: -1 }],
  ['a million lines of padding', { pad: 1_000_000 }],
  ['less than no padding', { pad: -1 }],
] as const) {
  test(`${what} is refused`, () => assert.match(refusal(windowGraph(change)) ?? 'accepted', /lines/));
}

test('a window behind a PAD is accepted', () => assert.is(refusal(windowGraph({})), undefined));

/** PAD and MAX_POOL_2D of [1, 4, 4, 1]. */
function windowGraph({
  window = 2,
  stride = 2,
  pad = 1,
}: {
  readonly window?: number;
  readonly stride?: number;
  readonly pad?: number;
}): Uint8Array {
  const amounts = Int32Array.of(0, 0, pad, pad, pad, pad, 0, 0);
  const tensors: readonly Table[] = [
    tensor([1, 4, 4, 1]),
    [{ ints: [4, 2] }, { byte: 2 }, { int: 1 }],
    tensor([1, 6, 6, 1]),
    tensor([1, 3, 3, 1]),
  ];
  const options: Table = [{ byte: 1 }, { int: stride }, { int: stride }, { int: window }, { int: window }];
  const operators: readonly Table[] = [
    [{ int: 1 }, { ints: [0, 1] }, { ints: [2] }],
    [{ int: 2 }, { ints: [2] }, { ints: [3] }, { byte: 5 }, { table: options }],
  ];
  return graph(tensors, operators, { outputs: [3], buffers: [[], [{ data: new Uint8Array(amounts.buffer) }]] });
}

/** A constant [2, 3] of the values 1 and 2 in the second row. */
function sparseGraph({
  segments = [0, 0, 2],
  indices = [0, 2],
  order = [0, 1],
  rows = 2,
}: {
  readonly segments?: readonly number[];
  readonly indices?: readonly number[];
  readonly order?: readonly number[];
  readonly rows?: number;
}): Uint8Array {
  const list = (values: readonly number[]) => ({ table: [{ aligned: Uint8Array.from(values) }] });
  const axes: readonly Table[] = [
    [{ byte: 0 }, { int: rows }],
    [{ byte: 1 }, { int: 0 }, { byte: 3 }, list(segments), { byte: 3 }, list(indices)],
  ];
  return graph([tensor([1]), tensor([2, 3], 1, [{ ints: order }, undefined, { tables: axes }])], [], { buffers: [[], data(1, 2)] });
}

test('a sparse constant is accepted', () => assert.is(refusal(sparseGraph({})), undefined));

for (const [what, change] of [
  ['an index beyond the axis', { indices: [0, 3] }],
  ['indices out of order', { indices: [2, 0] }],
  ['an index twice', { indices: [2, 2] }],
  ['more indices than rows take', { indices: [0, 1, 2] }],
  ['fewer indices than rows take', { indices: [0] }],
  ['a row that ends before it begins', { segments: [0, 2, 1] }],
  ['a first row that begins late', { segments: [1, 1, 2] }],
  ['too few rows', { segments: [0, 2] }],
  ['more values than are stored', { segments: [0, 1, 3], indices: [0, 0, 1] }],
  ['an axis of another size', { rows: 3 }],
  ['an order that is none', { order: [0, 0] }],
] as const) {
  test(`a sparse constant with ${what} is refused`, () => assert.match(refusal(sparseGraph(change)) ?? 'accepted', /is sparse/));
}

test('a file that has its reader do the same again and again is refused', () => {
  // Twenty thousand tensors are the first one, whose name has a million letters.
  const count = 20_000;
  const [first, ...rest] = tensor([1]);
  const long: Table = [first, ...rest.slice(0, 2), 'x'.repeat(1_000_000)];
  const bytes = graph([long, ...Array.from({ length: count - 1 }, () => tensor([1]))]);
  assert.is(refusal(bytes), undefined);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const list = Array.from({ length: bytes.length / 4 }, (_, index) => 4 * index).find((at) => view.getUint32(at, true) === count) ?? 0;
  const target = list + 4 + view.getUint32(list + 4, true);
  for (let at = list + 4; at < list + 4 + 4 * count; at += 4) view.setUint32(at, target - at, true);
  assert.match(refusal(bytes) ?? 'accepted', /more often than its length allows/);
});

test('a list that claims more than the file holds is refused before anything is made of it', async () => {
  const bytes = await bytesOf(everyOp, 'tflite');
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const claim = bytes.slice();
    new DataView(claim.buffer).setUint32(at, 0x7fffffff, true);
    refusal(claim);
  }
});

test.run();
