/** What long work says while it runs. Libraries emit events and never print. */
export type RunEvent =
  | { readonly type: 'phase'; readonly name: string; readonly message?: string }
  | {
      readonly type: 'progress';
      readonly name: string;
      readonly done: number;
      readonly total: number;
      readonly unit: 'bytes' | 'steps' | 'items';
    }
  | {
      readonly type: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly stepsPerEpoch: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly stepMs: number;
    }
  | { readonly type: 'epoch'; readonly record: EpochRecord }
  | { readonly type: 'warning'; readonly message: string };

/** One finished epoch. Accuracies are fractions, times seconds of training alone (evaluation excluded). */
export interface EpochRecord {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  readonly learningRate: number;
  readonly trainSeconds: number;
  readonly evaluateSeconds: number;
}
