/** The parts of the wasm of @tensorflow/tfjs-tflite that are used here, as its C++ exports them. */
export interface TfliteModule {
  readonly HEAPU8: Uint8Array;
  _malloc(length: number): number;
  _free(pointer: number): void;
  /** In builds with threads. */
  readonly PThread?: { terminateAllThreads(): void };
  readonly TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(pointer: number, length: number, options: RunnerOptions): StatusOrRunner;
  };
}

interface RunnerOptions {
  readonly numThreads: number;
  readonly enableWebNNDelegate: boolean;
  readonly webNNDeviceType: number;
  readonly enableProfiling: boolean;
  readonly maxProfilingBufferEntries: number;
}

interface StatusOrRunner {
  ok(): boolean;
  errorMessage(): string;
  value(): TfliteRunner;
  delete(): void;
}

export interface TfliteRunner {
  GetInputs(): TensorInfos;
  GetOutputs(): TensorInfos;
  Infer(): boolean;
  delete(): void;
}

interface TensorInfos {
  size(): number;
  get(index: number): TensorInfo;
}

export interface TensorInfo {
  readonly name: string;
  /** "1,32,32,3" */
  readonly shape: string;
  readonly dataType: string;
  /** A view of the module's memory, valid until that grows. */
  data(): ArrayLike<number>;
}

/** What its loader script takes. */
export interface ModuleArguments {
  readonly wasmBinary?: Uint8Array;
  readonly locateFile?: (file: string) => string;
  readonly mainScriptUrlOrBlob?: string;
  /** What TFLite prints. */
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
}

export type ModuleFactory = (args: ModuleArguments) => Promise<TfliteModule>;

/** A module made for one session, with what TFLite said last and what frees it. */
export interface OpenModule {
  readonly module: TfliteModule;
  readonly threads: number;
  /** What it printed so far. */
  readonly lines: readonly string[];
  /** Ends its threads. Its memory goes with the last reference to it. */
  close(): void | Promise<void>;
}

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

/**
 * The build for a machine, by the name that its files begin with.
 * A vector instruction in a module tells whether the engine knows them: `v128.const 0; drop`.
 */
export function chooseBuild(threads: number): string {
  const simd = WebAssembly.validate(
    Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12, ...new Uint8Array(16), 26, 11]),
  );
  return `tflite_web_api_cc${simd ? '_simd' : ''}${threads > 1 ? '_threaded' : ''}`;
}
