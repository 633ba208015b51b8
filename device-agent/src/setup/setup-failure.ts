import { BackendError } from '@precrop/sdk/core/errors';

export type SetupFailureKind =
  | 'switched-off'
  | 'unsupported'
  | 'no-pip'
  | 'no-compiler'
  | 'disk-full'
  | 'not-writable'
  | 'download'
  | 'checksum'
  | 'contents'
  | 'build'
  | 'load'
  | 'installer';

interface FailurePolicy {
  /** Trying again takes minutes or much traffic: remember the failure and wait until asked or until the machine changed. */
  readonly costly: boolean;
  /** tfjs-node's own installer may still succeed. */
  readonly tryInstaller: boolean;
}

export const failurePolicies: Readonly<Record<SetupFailureKind, FailurePolicy>> = {
  'switched-off': { costly: false, tryInstaller: false },
  unsupported: { costly: false, tryInstaller: true },
  'no-pip': { costly: false, tryInstaller: true },
  'no-compiler': { costly: false, tryInstaller: true },
  'disk-full': { costly: false, tryInstaller: false },
  'not-writable': { costly: false, tryInstaller: false },
  download: { costly: true, tryInstaller: true },
  checksum: { costly: true, tryInstaller: false },
  contents: { costly: true, tryInstaller: true },
  build: { costly: true, tryInstaller: true },
  load: { costly: true, tryInstaller: true },
  installer: { costly: true, tryInstaller: false },
};

/** One rung of the set-up did not hold: why (a sentence) and what the user can do about it (a sentence). */
export class SetupFailure extends BackendError {
  readonly kind: SetupFailureKind;
  readonly reason: string;
  readonly remedy: string;

  constructor(kind: SetupFailureKind, reason: string, remedy: string, cause?: unknown) {
    super(`${reason} ${remedy}`, { details: { kind, reason, remedy }, cause });
    this.kind = kind;
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** What a file system error means for the set-up; other errors come back as they are. */
export function toSetupFailure(error: unknown, directory: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SetupFailure(
      'disk-full',
      `The disk that holds ${directory} is full.`,
      'Free some space, or let PRECROP_CACHE name a folder on another disk, and run the command again.',
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SetupFailure(
      'not-writable',
      `The set-up may not write to ${(error as NodeJS.ErrnoException).path ?? directory} (${code}).`,
      'Give your user the right to write there, or let PRECROP_CACHE name another folder, and run the command again.',
      error,
    );
  }
  return error;
}
