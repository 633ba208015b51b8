import { existsSync } from 'node:fs';
import type { Probe } from '@precrop/sdk/backends/backend';
import { probeDevice } from '@precrop/sdk/backends/tfjs-eager/device';

/** A Vulkan driver that needs no GPU: SwiftShader, as Debian's Chromium brings it. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** WebGPU of a GPU where this machine has one, else of the software driver where that is installed. */
export async function probeWebgpu(): Promise<Probe> {
  const probe = await probeDevice('webgpu');
  if ('device' in probe || 'VK_ICD_FILENAMES' in process.env || !existsSync(softwareDriver)) return probe;
  process.env['VK_ICD_FILENAMES'] = softwareDriver;
  return probeDevice('webgpu');
}
