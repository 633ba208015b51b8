/** The parts of WebAssembly's interface that are used here; TypeScript knows it from the DOM alone. */
export interface WasmMemory {
  /** Another one after the memory has grown; the old one still shows what it did. */
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** Compiled code. Threads can be given it. */
export type WasmModule = object;

/** What ./assembly/engine.ts exports. */
export interface EngineExports {
  /** Does the job as its first thread, and returns when it is done. */
  lead(threads: number): void;
  /** Takes part in jobs until one says to stop. */
  follow(thread: number): void;
  announce(): void;
  mulAdd(count: number): number;
}

interface WasmNamespace {
  validate(bytes: Uint8Array): boolean;
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
}

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmNamespace };

export const pageBytes = 65_536;
export const maxPages = 65_536;

/** @throws RangeError where there is not as much memory. */
export function createMemory(pages: number): WasmMemory {
  return new wasm.Memory({ initial: pages, maximum: maxPages, shared: true });
}

export function canRun(bytes: Uint8Array): boolean {
  return wasm.validate(bytes);
}

export function compileModule(bytes: Uint8Array): WasmModule {
  return new wasm.Module(bytes);
}

export function instantiate(module: WasmModule, memory: WasmMemory): EngineExports {
  return new wasm.Instance(module, { env: { memory } }).exports as EngineExports;
}
