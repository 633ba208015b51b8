import type { GpuDescription } from '../protocol/host-description.js';

const virtual =
  /vmware|virtualbox|\bqxl\b|virtio|bochs|cirrus|hyper-?v|parallels|basic (render|display)|remote display|swiftshader|llvmpipe/i;

// What a maker sells as a card of its own, or as a part of the processor; one rule decides, the first that fits.
const rules: readonly (readonly [vendor: string, pattern: RegExp, kind: 'integrated' | 'discrete'])[] = [
  ['NVIDIA', /tegra|jetson|orin|xavier|thor|\bGB10\b|nvgpu/i, 'integrated'],
  ['NVIDIA', /./, 'discrete'],
  ['Intel', /\bArc\b.*\b[AB]\d{2,3}[ME]?\b|\bDG[12]\b|Iris\W* Xe MAX|Data Cent(er|re) GPU|Battlemage|\bBMG\b|Arc Pro/i, 'discrete'],
  ['Intel', /./, 'integrated'],
  [
    'AMD',
    /\bRX ?\d|\bPRO W|Instinct|\bMI\d|FirePro|\bR[579] |\bHD [5-8]\d|Navi|Vega (10|12|20|56|64|Frontier)\b|Polaris|Ellesmere|Baffin/i,
    'discrete',
  ],
  [
    'AMD',
    /Radeon\W*(TM\W*)?Graphics|Vega \d\b|Vega (Series|Mobile)|\b\d{3,4}[MS] (Graphics)?|\b\d{3,4}[MS]$|Raven|Picasso|Renoir|Lucienne|Cezanne|Barcelo|Rembrandt|Mendocino|Phoenix|Hawk Point|Raphael|Granite Ridge|Strix|Krackan/i,
    'integrated',
  ],
  ['Apple', /./, 'integrated'],
  ['Qualcomm', /./, 'integrated'],
  ['Broadcom', /./, 'integrated'],
  ['Rockchip', /./, 'integrated'],
  ['ARM', /./, 'integrated'],
];

/** Whether a GPU is a part of the processor, a card of its own or made up by a virtual machine; null for one that is not known. */
export function toGpuKind(vendor: string | null, model: string): GpuDescription['kind'] {
  if (virtual.test(model)) return 'virtual';
  return rules.find(([maker, pattern]) => maker === vendor && pattern.test(model))?.[2] ?? null;
}
