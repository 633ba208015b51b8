import type { ContainerKind } from '../protocol/host-description.js';
import type { ReadText } from './read-text.js';

export interface ContainerSigns {
  readonly read: ReadText;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const words: readonly (readonly [RegExp, ContainerKind])[] = [
  [/kube/, 'kubernetes'],
  [/docker|moby/, 'docker'],
  [/libpod|podman/, 'podman'],
  [/containerd|cri-o/, 'containerd'],
  [/lxc/, 'lxc'],
  [/nspawn/, 'systemd-nspawn'],
];

/** Whether this process runs in a container of Linux, and of which kind. */
export function readContainer({ read, variables }: ContainerSigns): ContainerKind | null {
  if (variables['KUBERNETES_SERVICE_HOST']) return 'kubernetes';
  const named = variables['container']; // set by podman, LXC and systemd for what they start
  if (named) return toKind(named) ?? 'other';
  if (read('/.dockerenv') !== null) return 'docker';
  if (read('/run/.containerenv') !== null) return 'podman';
  const byGroup = toKind(read('/proc/self/cgroup') ?? '');
  if (byGroup !== null) return byGroup;
  return /microsoft.*wsl/i.test(read('/proc/sys/kernel/osrelease') ?? '') ? 'wsl' : null;
}

function toKind(text: string): ContainerKind | null {
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
