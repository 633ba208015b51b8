import type { Program } from '../program/program.js';

/** Whether something can be used on this machine, and why not. */
export type Probe =
  | { readonly status: 'ready' | 'limited'; readonly device: string; readonly version: string; readonly reason?: string }
  | { readonly status: 'absent' | 'broken'; readonly reason: string };

/** Values of a program's inputs, row-major; a number is a scalar. The batch size follows from the lengths. */
export type Feeds = Readonly<Record<string, Float32Array | Int32Array | number>>;

/** Values of a program's outputs, row-major. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** Variable name → values, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Programs that share their variables by name, made ready to run. */
export interface Executable {
  /**
   * Runs a program once: computes the outputs that are asked for (all, where left out) and does its updates.
   * @throws UsageError for a feed that is missing, unknown or of the wrong length.
   */
  run(program: string, feeds: Feeds, outputs?: readonly string[]): Promise<Outputs>;
  /** All variables, optimizer slots included. */
  readVariables(): Promise<Weights>;
  /** Sets the variables that are named. Must have been called once for every variable before the first run. */
  writeVariables(weights: Weights): Promise<void>;
  /** Frees everything. */
  dispose(): void;
}

/** Runs programs. One conformance suite (test/conformance) holds for every backend. */
export interface Backend {
  readonly name: string;
  probe(): Promise<Probe>;
  /** @throws BackendError where the backend is not usable here, with the reason. */
  compile(programs: readonly Program[]): Promise<Executable>;
}
