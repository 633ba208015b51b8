/** A control group that a process is in: the controllers of version 1, none for the one of version 2. */
interface OwnGroup {
  readonly controllers: readonly string[];
  readonly path: string;
}

/** Where groups can be read. `root` is the group that `folder` shows. */
interface GroupMount {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  readonly root: string;
  readonly folder: string;
}

export interface GroupFolders {
  readonly version: 1 | 2;
  /** The process's own group first, then those around it. */
  readonly folders: readonly string[];
}

/**
 * The folders of the groups that hold a process under a controller ("cpu", "memory"), from the texts of /proc/self/cgroup and
 * /proc/self/mountinfo. Groups are nested, and each of them may have a limit.
 */
export function findGroupFolders(controller: string, cgroup: string, mountinfo: string): GroupFolders | null {
  const mounts = parseMounts(mountinfo);
  const groups = parseGroups(cgroup);
  const find = (version: 1 | 2, controls: (names: readonly string[]) => boolean): GroupFolders | null => {
    const mount = mounts.find((each) => each.version === version && (version === 2 || controls(each.controllers)));
    const group = groups.find(({ controllers }) => controls(controllers));
    return mount && group ? { version, folders: listFolders(mount, group.path) } : null;
  };
  // Where both versions are mounted, a controller that version 1 has is not in version 2.
  return find(1, (names) => names.includes(controller)) ?? find(2, (names) => names.length === 0);
}

/** Lines such as "4:cpu,cpuacct:/docker/1f2e" and "0::/user.slice". */
function parseGroups(cgroup: string): readonly OwnGroup[] {
  return [...cgroup.matchAll(/^\d+:([^:\n]*):(\/.*)$/gm)].map(([, names = '', path = '']) => ({
    controllers: names.split(',').filter(Boolean),
    path,
  }));
}

/** Lines such as "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory". */
function parseMounts(mountinfo: string): readonly GroupMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root = '', folder = ''] = left.split(' ').map((field) => decodePath(field));
    const [type, , options = ''] = right.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    return [{ version: type === 'cgroup' ? 1 : 2, controllers: options.split(','), root, folder }];
  });
}

function listFolders({ root, folder }: GroupMount, path: string): readonly string[] {
  const parts = toRelative(root, path).split('/').filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, left) => [folder, ...parts.slice(0, parts.length - left)].join('/'));
}

// A container often sees its own group as the mount's root, while the path is the one outside of it.
function toRelative(root: string, path: string): string {
  if (root === '/') return path.includes('/..') ? '' : path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : '';
}

/** Blanks and the like stand as three octal digits. */
function decodePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
