import { engineWasm } from './generated/engine-wasm.js';
import { canRun, compileModule, type WasmModule } from './web-assembly.js';

let compiled: WasmModule | undefined;

/** Whether this JavaScript engine has vectors, threads and shared memory in WebAssembly. */
export function canRunEngine(): boolean {
  return typeof SharedArrayBuffer === 'function' && canRun(decode());
}

/** Compiled once a process. */
export function compileEngine(): WasmModule {
  compiled ??= compileModule(decode());
  return compiled;
}

function decode(): Uint8Array {
  return Uint8Array.from(atob(engineWasm), (letter) => letter.charCodeAt(0));
}
