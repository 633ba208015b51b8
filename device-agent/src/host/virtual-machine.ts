import type { ReadText } from './read-text.js';

const makers =
  /QEMU|KVM|VMware|VirtualBox|innotek|Xen|Bochs|Parallels|BHYVE|OpenStack|Virtual Machine|Google Compute Engine|Cloud Hypervisor/i;

/** Whether Linux runs in a virtual machine; null where nothing tells. A processor of x86 has a flag for it; else its board's name says so. */
export function readIsVirtual(read: ReadText): boolean | null {
  const flags = /^flags\s*:(.*)$/m.exec(read('/proc/cpuinfo') ?? '')?.[1];
  if (flags !== undefined) return /\bhypervisor\b/.test(flags);
  if (read('/proc/device-tree/hypervisor/compatible') !== null) return true;
  const board = ['/sys/class/dmi/id/sys_vendor', '/sys/class/dmi/id/product_name', '/proc/device-tree/compatible'].map(read);
  const told = board.filter((text) => text !== null);
  return told.length === 0 ? null : makers.test(told.join(' ')) || told.some((text) => text.includes('linux,dummy-virt'));
}
