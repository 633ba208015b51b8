import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of this process: now, and the highest since its start or since `restartPeakRss`. */
export interface ResidentMemory {
  readonly peakRssBytes: number;
  readonly rssBytes: number;
}

/** From the kernel's VmHWM on Linux, else from getrusage. */
export function measureResidentMemory(): ResidentMemory {
  const rssBytes = process.memoryUsage.rss();
  const peakRssBytes = (process.platform === 'linux' ? readHighWaterMark() : undefined) ?? process.resourceUsage().maxRSS * 1024;
  return { peakRssBytes: Math.max(peakRssBytes, rssBytes), rssBytes };
}

/** From here on the highest counts anew. Does nothing where the kernel cannot: on systems other than Linux, and without /proc. */
export function restartPeakRss(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/clear_refs', resetHighWaterMark);
  } catch {
    // not allowed in this sandbox
  }
}

const resetHighWaterMark = '5'; // Linux, Documentation/filesystems/proc.rst

function readHighWaterMark(): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // no /proc in this sandbox
  }
}
