import { readFileSync } from 'node:fs';
import { homedir, hostname, networkInterfaces, userInfo } from 'node:os';

// Users and hosts that are called like a system or a product: to read of those tells nothing of them.
const publicNames: ReadonlySet<string> = new Set(['root', 'linux', 'ubuntu', 'debian', 'fedora', 'alpine', 'docker', 'node', 'localhost']);

/** Those names and ids of this machine and its user that occur in a value's texts. */
export function findSecrets(value: unknown): readonly string[] {
  const texts = listTexts(value).map((text) => text.toLowerCase());
  return listSecrets().filter((secret) => texts.some((text) => contains(text, secret)));
}

function listSecrets(): readonly string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const addresses = interfaces.filter(({ internal }) => !internal).flatMap(({ mac, address }) => [mac, address]);
  const files = ['/etc/machine-id', '/var/lib/dbus/machine-id', '/sys/class/dmi/id/product_uuid', '/sys/class/dmi/id/product_serial'];
  const ids = files.map(readIfAny).filter((id) => /\d{3}/.test(id)); // "Not specified"
  const secrets = [hostname(), userInfo().username, homedir(), ...addresses, ...ids].map((secret) => secret.trim().toLowerCase());
  return [...new Set(secrets)].filter((secret) => secret.length > 1 && !publicNames.has(secret));
}

/** A short name may be a part of a word ("vm" of "vmware"): it is looked for as a word. */
function contains(text: string, secret: string): boolean {
  return secret.length < 8 ? text.split(/[^\w.:-]+/).includes(secret) : text.includes(secret);
}

function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(listTexts) : [];
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
