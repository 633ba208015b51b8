import { measureResidentMemory, restartPeakRss } from '../measure/peak-rss.js';
import type { CreateService } from '../worker/service.js';

export interface ProfileMemoryInput {
  /** A name of the runtimes' registry: never `auto`. */
  readonly runtime: string;
  readonly threads: number;
  readonly batch: number;
  /** Of the model's file. */
  readonly path: string;
}

export interface ProfileMemoryMethods {
  /** Loads the model and runs it. Bytes of resident memory: of the bare process, and the highest from there on. Once a process. */
  measure(): Promise<{ readonly bareBytes: number; readonly peakBytes: number }>;
}

const runs = 5;

/** What a fresh process takes to load a finished model and run it. Nothing of a runtime is imported before it is asked. */
export const createProfileMemory: CreateService<ProfileMemoryInput, ProfileMemoryMethods> = async (input) => ({
  methods: {
    async measure() {
      const { runtime: name, threads, batch, path } = input;
      restartPeakRss();
      const { rssBytes: bareBytes } = measureResidentMemory();
      const { selectRuntime } = await import('@precrop/sdk/runtimes/registry');
      const { loadModelFile } = await import('@precrop/sdk/runtimes/model-files');
      const { runtime } = await selectRuntime(name);
      const session = await runtime.load(await loadModelFile(path), { threads, batch });
      const images = new Float32Array(batch * session.input.reduce((product, extent) => product * extent, 1)).fill(0.5);
      for (let run = 0; run < runs; run++) await session.infer(images);
      const { peakRssBytes: peakBytes } = measureResidentMemory();
      await session.dispose();
      return { bareBytes, peakBytes };
    },
  },
});
