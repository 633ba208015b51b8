/**
 * Errors are sentences: the value that came, the rule it broke, what to do. One subclass a family.
 * They cross a process boundary as plain data (`toErrorData`, `fromErrorData`).
 */
export type ErrorCode =
  | 'failed'
  | 'usage'
  | 'invalid-architecture'
  | 'invalid-data'
  | 'backend-unavailable'
  | 'training-failed'
  | 'storage-failed'
  | 'measurement-failed'
  | 'export-failed'
  | 'invalid-model-file'
  | 'budget-infeasible'
  | 'cancelled';

export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface ErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Base of every error that is meant for a person. Anything else that is thrown is a defect. */
export class PreCropError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The caller asked for something that does not exist or contradicts itself. Exit code 2. */
export class UsageError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

/** An architecture breaks a rule of the ir. */
export class ArchitectureError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid-architecture', message, options);
  }
}

/** A data file is absent, truncated or not what its checksum says. */
export class DataError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid-data', message, options);
  }
}

/** A backend or a native library cannot be used on this machine. */
export class BackendError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('backend-unavailable', message, options);
  }
}

/** Training went wrong: a loss that is no number, a checkpoint of another run. */
export class TrainingError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('training-failed', message, options);
  }
}

/** A format cannot hold a model. */
export class ExportError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('export-failed', message, options);
  }
}

/** A model's file is truncated, contradicts itself, or holds what PreCrop has no op for. */
export class ModelFileError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid-model-file', message, options);
  }
}

/** A file could not be written whole: disk full, no permission. */
export class StorageError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('storage-failed', message, options);
  }
}

/** The machine is too busy or too unsteady for a number that can be trusted. */
export class MeasurementError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('measurement-failed', message, options);
  }
}

/** No crop of the architecture meets the budget. Exit code 3. */
export class BudgetError extends PreCropError {
  constructor(message: string, options?: ErrorOptions) {
    super('budget-infeasible', message, options);
  }
}

/** The work was cancelled by its caller; what was done is kept. Exit code 130. */
export class CancelledError extends PreCropError {
  constructor(message = 'Cancelled.', options?: ErrorOptions) {
    super('cancelled', message, options);
  }
}

const exitCodes: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 2,
  'budget-infeasible': 3,
  cancelled: 130,
};

/** Exit code of the command line for an error: 1 failed, 2 usage, 3 budget infeasible, 130 cancelled. */
export function exitCodeOf(error: unknown): number {
  return (error instanceof PreCropError && exitCodes[error.code]) || 1;
}

/** The error as plain data, for a process boundary or a JSON document. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof PreCropError) {
    return { code: error.code, message: error.message, details: error.details };
  }
  return { code: 'failed', message: error instanceof Error ? error.message : String(error), details: {} };
}

/** The error that `toErrorData` described. */
export function fromErrorData(data: ErrorData): PreCropError {
  return new PreCropError(data.code, data.message, { details: data.details });
}
