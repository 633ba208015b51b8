import { formatBytes, formatCount, formatMs, formatPercent } from '@precrop/sdk/core/units';
import type { ComparedNetwork, NetworkComparison } from './comparison.js';

/** Titles and cells of the comparison for a terminal: a row a network. `~` is a noisy number, `!` an invalid one. */
export function toCompareCells({ setting, results }: Pick<NetworkComparison, 'setting' | 'results'>): {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  return {
    titles: ['', 'parameters', 'MACs', 'accuracy', ...setting.batches.map((batch) => `batch ${batch}`), 'step', 'memory', 'disk'],
    rows: results.map((each) => [
      each.name,
      formatCount(each.params),
      formatCount(each.macs),
      formatAccuracy(each),
      ...setting.batches.map((batch) => formatTime(each.inference.find((time) => time.batch === batch))),
      formatTime(each.trainStep),
      formatBytes(each.peakRssBytes.value),
      formatBytes(each.disk.bytes),
    ]),
  };
}

/** Which runtime each time is of, a line a runtime and batch: names with a table would be too wide. */
export function toRuntimeLines({ setting, results }: Pick<NetworkComparison, 'setting' | 'results'>): readonly string[] {
  return setting.batches.map((batch) => {
    const by = new Map<string, string[]>();
    for (const { name, inference } of results) {
      const time = inference.find((each) => each.batch === batch);
      if (!time) continue;
      const key = `${time.runtime}, ${time.threads} ${time.threads === 1 ? 'thread' : 'threads'}`;
      by.set(key, [...(by.get(key) ?? []), name]);
    }
    const words = [...by].map(([runtime, names]) => `${runtime}: ${names.length === results.length ? 'all' : names.join(', ')}`);
    return `Fastest at batch ${batch}: ${words.join('; ') || 'none could be timed'}.`;
  });
}

/** "87.2 % ± 0.3" with several seeds: the standard deviation. */
export function formatAccuracy({ accuracy: { mean, deviation } }: Pick<ComparedNetwork, 'accuracy'>): string {
  return deviation === null ? formatPercent(mean) : `${formatPercent(mean)} ± ${(deviation * 100).toFixed(1)}`;
}

function formatTime(time: ComparedNetwork['trainStep'] | undefined): string {
  if (!time) return '-';
  return `${formatMs(time.median)}${{ valid: '', noisy: ' ~', invalid: ' !' }[time.verdict]}`;
}
