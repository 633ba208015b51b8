import type { AdapterUse, GpuDescription, HostDescription } from '../protocol/host-description.js';
import { toVendor } from './vendor.js';

/** What a backend or a runtime answered when it was asked whether it works. */
interface Answer {
  readonly name: string;
  readonly status: string;
  /** The adapter in its words; some know but what they compute with ("webgpu"). */
  readonly device?: string;
}

const onGraphics = /\/(webgpu|coreml|dml)$/;
const software = /swiftshader|llvmpipe|lavapipe|basic render|software/i;

/** The description with the adapters that were asked for and that answered. */
export function joinAdapters(description: HostDescription, answers: readonly Answer[]): HostDescription {
  const { gpus } = description;
  return {
    ...description,
    adapters: answers.flatMap(({ name, status, device }) =>
      onGraphics.test(name) && device !== undefined && (status === 'ready' || status === 'limited') ? [toUse(name, device, gpus)] : [],
    ),
  };
}

function toUse(runtime: string, used: string, gpus: readonly GpuDescription[]): AdapterUse {
  const isSoftware = software.test(used);
  return { runtime, requested: findFastest(gpus)?.model ?? null, used, usedModel: isSoftware ? null : findNamed(used, gpus), isSoftware };
}

// All of them ask for the one of high performance: a card before what is part of the processor, and of cards the one with most memory.
function findFastest(gpus: readonly GpuDescription[]): GpuDescription | undefined {
  const cards = gpus.filter(({ kind }) => kind === 'discrete').sort((a, b) => (b.vramBytes ?? 0) - (a.vramBytes ?? 0));
  return cards[0] ?? gpus.find(({ kind }) => kind === 'integrated');
}

/** By name, else the only one of its maker, else the only one at all where the adapter's maker is not told. */
function findNamed(used: string, gpus: readonly GpuDescription[]): string | null {
  const told = used.toLowerCase();
  const named = gpus.find(({ model }) => told.includes(model.toLowerCase()) || (told.length > 8 && model.toLowerCase().includes(told)));
  if (named) return named.model;
  const maker = toVendor(used);
  const possible = gpus.filter(({ kind, vendor }) => kind !== 'virtual' && (maker === null || vendor === maker));
  return possible.length === 1 ? (possible[0]?.model ?? null) : null;
}
