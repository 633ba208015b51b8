import type { ClockJump } from './clock-guard.js';
import type { MachineLoad } from './machine-load.js';
import type { PowerState } from './power-state.js';
import type { ErrorBar } from './repeatability.js';

/** Under which samples were taken. What is absent or null is unknown, and not held against them. */
export interface Conditions {
  /** Steps of the clock that timed, ms. */
  readonly clockResolutionMs?: number | undefined;
  /** What others did on the machine meanwhile. */
  readonly load?: MachineLoad | null | undefined;
  readonly clockJump?: ClockJump | null | undefined;
  /** How far the cores were from the state that is measured in, above 1 in another one (`CoreWatch.apart`). */
  readonly coresApart?: number | undefined;
  /** By how much the processor was slower than at its best, as a fraction. */
  readonly slowdown?: number | undefined;
  /** As a struct, or in words. */
  readonly power?: PowerState | string | null | undefined;
  /** Of the samples' blocks. */
  readonly errorBar?: ErrorBar | undefined;
}
