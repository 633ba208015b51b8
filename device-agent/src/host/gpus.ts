import type { GpuDescription } from '../protocol/host-description.js';
import { askProgram } from './ask-program.js';
import { askControllers, type ControllerAnswer } from './ask-system.js';
import { toGpuKind } from './gpu-kind.js';
import { listNames, type ReadText, readText } from './read-text.js';
import { toVendor } from './vendor.js';

/** What NVIDIA's and AMD's drivers say: systeminformation, which reads `lspci` on Linux, takes the window to a card's memory for its size. */
export interface DriverAnswers {
  readonly nvidia: readonly GpuDescription[];
  /** Own memory in bytes by PCI address, such as "0000:03:00.0". */
  readonly amdVramBytes: ReadonlyMap<string, number>;
}

export async function loadGpus(platform: string = process.platform): Promise<readonly GpuDescription[]> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  const [controllers, nvidia] = await Promise.all([askControllers(), platform === 'darwin' ? null : askProgram('nvidia-smi', query)]);
  return toGpus(controllers ?? [], { nvidia: parseNvidiaSmi(nvidia), amdVramBytes: readAmdVram(readText) }, platform);
}

/** The GPUs, each once. */
export function toGpus(controllers: readonly ControllerAnswer[], drivers: DriverAnswers, platform: string): readonly GpuDescription[] {
  const listed = controllers.flatMap((controller) => toGpu(controller, drivers, platform) ?? []);
  const others = drivers.nvidia.length > 0 ? listed.filter(({ vendor }) => vendor !== 'NVIDIA') : listed;
  return [...drivers.nvidia, ...others];
}

/** Lines such as "NVIDIA GeForce RTX 3060, 12288"; one whose memory is the machine's says "[N/A]". */
export function parseNvidiaSmi(text: string | null): readonly GpuDescription[] {
  return [...(text ?? '').matchAll(/^(.*\S), (\d+|\[.*\])\s*$/gm)].map(([, model = '', mebibytes]) => {
    const kind = toGpuKind('NVIDIA', model);
    return { vendor: 'NVIDIA', model, kind, vramBytes: kind === 'discrete' ? toBytes(Number(mebibytes)) : null };
  });
}

function toGpu(controller: ControllerAnswer, { amdVramBytes }: DriverAnswers, platform: string): GpuDescription | undefined {
  const vendor = toVendor(controller.vendor, controller.model);
  const model = controller.model?.trim() || controller.vendor?.trim();
  if (!model) return undefined;
  const kind = toGpuKind(vendor, model);
  if (kind !== 'discrete') return { vendor, model, kind, vramBytes: null };
  const ofDriver = [...amdVramBytes].find(
    ([address]) => controller.busAddress && address.endsWith(controller.busAddress.toLowerCase()),
  )?.[1];
  return { vendor, model, kind, vramBytes: ofDriver ?? toBytes(controller.memoryTotal) ?? toListedBytes(controller.vram, platform) };
}

function toListedBytes(mebibytes: number | null, platform: string): number | null {
  if (platform === 'linux') return null;
  // 32 bits that overflow: where Windows says this, there may be more.
  return platform === 'win32' && mebibytes === 4095 ? null : toBytes(mebibytes);
}

function toBytes(mebibytes: number | null | undefined): number | null {
  return mebibytes && mebibytes > 0 ? Math.round(mebibytes * 2 ** 20) : null;
}

function readAmdVram(read: ReadText): ReadonlyMap<string, number> {
  const folder = '/sys/class/drm';
  const cards = listNames(folder).filter((name) => /^card\d+$/.test(name));
  return new Map(
    cards.flatMap((card) => {
      const address = /^PCI_SLOT_NAME=(.+)$/m.exec(read(`${folder}/${card}/device/uevent`) ?? '')?.[1];
      const bytes = Number(read(`${folder}/${card}/device/mem_info_vram_total`) ?? 0);
      return address !== undefined && bytes > 0 ? [[address.toLowerCase(), bytes] as const] : [];
    }),
  );
}
