/** How a data set's pixels are laid out and normalised. Batches are float32 of this shape. */
export interface ImageFormat {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Per channel, of pixel / 255, over the training images. */
  readonly mean: readonly number[];
  /** Per channel, of pixel / 255, over the training images. */
  readonly std: readonly number[];
}

/** Labelled images held in memory. Both arrays lie on shared memory, so that a worker reads them without a copy. */
export interface ImageSplit {
  readonly images: Uint8Array; // [count, height, width, channels]
  readonly labels: Uint8Array; // [count]
  readonly count: number;
}

/** What a data set is, without its images. */
export interface DatasetHeader extends ImageFormat {
  readonly name: string;
  readonly classNames: readonly string[];
  /** Whom to cite. */
  readonly source: string;
}

export interface ImageDataset extends DatasetHeader {
  readonly train: ImageSplit;
  readonly test: ImageSplit;
}

/** An empty split on shared memory. */
export function createSplit(count: number, bytesPerImage: number): ImageSplit {
  return {
    images: new Uint8Array(new SharedArrayBuffer(count * bytesPerImage)),
    labels: new Uint8Array(new SharedArrayBuffer(count)),
    count,
  };
}
