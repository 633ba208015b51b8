import { exitCodeOf, PreCropError, toErrorData } from '@precrop/sdk/core/errors';
import { toStorageError } from '@precrop/sdk/data/write-folder';
import { createFailureDocument } from '../protocol/json-document.js';
import { wrapText } from './text-table.js';

export interface OutputFlags {
  /** One document on stdout, and nothing else there. */
  readonly json: boolean;
  /** Tell of a failure all that is known. */
  readonly verbose: boolean;
}

/** Tells a failure in one sentence on stderr (and with `--json` as a document on stdout), and sets the exit code. */
export function reportFailure(command: string, { json, verbose }: OutputFlags, thrown: unknown): void {
  const error = toPreCropError(thrown);
  process.exitCode = exitCodeOf(error);
  if (json) process.stdout.write(`${JSON.stringify(createFailureDocument(command, toErrorData(error)), null, 2)}\n`);
  const columns = process.stderr.isTTY ? process.stderr.columns : Number.POSITIVE_INFINITY;
  process.stderr.write(`${wrapText(`${error.code === 'cancelled' ? '' : '✗ '}${error.message}`, columns)}\n`);
  if (verbose || process.env['PRECROP_DEBUG']) process.stderr.write(`${describeDetails(error)}\n`);
}

/** An error that was not foreseen is a defect, and says so. */
function toPreCropError(thrown: unknown): PreCropError {
  const { code, path = 'A file' } = (thrown ?? {}) as NodeJS.ErrnoException;
  const error = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' ? toStorageError(thrown, path) : thrown;
  if (error instanceof PreCropError && error.code !== 'failed') return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PreCropError(
    'failed',
    `Something went wrong that precrop did not foresee: ${message.replace(/\.$/, '')}. Run the command again with --verbose for the details.`,
    { cause: error, details: error instanceof PreCropError ? error.details : {} },
  );
}

function describeDetails(error: PreCropError): string {
  const lines: string[] = [];
  for (let each: unknown = error; each !== undefined && each !== null; each = each instanceof Error ? each.cause : undefined) {
    lines.push(each instanceof Error ? (each.stack ?? each.message) : String(each));
  }
  if (Object.keys(error.details).length > 0) lines.push(JSON.stringify(error.details, null, 2));
  return lines.join('\nCaused by: ');
}
