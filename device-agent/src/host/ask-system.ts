import { battery, cpu, cpuTemperature, graphics, mem, osInfo, system, uuid } from 'systeminformation';
import { within } from './within.js';

/** What systeminformation says of the processor; undefined where it does not answer in time. The same holds for all of these. */
export interface ProcessorAnswer {
  readonly manufacturer: string;
  readonly brand: string;
  readonly physicalCores: number;
  /** GHz; 0 for unknown. */
  readonly speed: number;
  readonly speedMax: number;
  /** Bytes; 0 or less for unknown. */
  readonly cache: { readonly l1d: number; readonly l1i: number; readonly l2: number; readonly l3: number };
}

export interface OsAnswer {
  readonly distro: string;
  readonly release: string;
}

export interface BatteryAnswer {
  readonly hasBattery: boolean;
  readonly acConnected: boolean;
  readonly percent: number;
}

/** A display controller. Its memory is in MiB. */
export interface ControllerAnswer {
  readonly vendor: string;
  readonly model: string;
  readonly vram: number | null;
  /** What NVIDIA's driver says. */
  readonly memoryTotal?: number;
  readonly busAddress?: string;
}

const patienceMs = 1500;
/** A device is known by this: a busy machine must not become another one. */
const longPatienceMs = 10_000;

export function askProcessor(limitMs: number = patienceMs): Promise<ProcessorAnswer | undefined> {
  return within(cpu(), limitMs);
}

export function askOs(limitMs: number = patienceMs): Promise<OsAnswer | undefined> {
  return within(osInfo(), limitMs);
}

export function askBattery(limitMs: number = patienceMs): Promise<BatteryAnswer | undefined> {
  return within(battery(), limitMs);
}

export async function askControllers(): Promise<readonly ControllerAnswer[] | undefined> {
  return (await within(graphics(), patienceMs))?.controllers;
}

export async function askAvailableBytes(): Promise<number | undefined> {
  return (await within(mem(), patienceMs))?.available;
}

/** °C. */
export async function askTemperature(): Promise<number | undefined> {
  return (await within(cpuTemperature(), patienceMs))?.main ?? undefined;
}

export async function askIsVirtual(): Promise<boolean | undefined> {
  return (await within(system(), patienceMs))?.virtual;
}

/** The id that the system was given when it was installed, else its board's. It must not leave this folder. */
export async function askMachineId(): Promise<string | undefined> {
  const answer = await within(uuid(), longPatienceMs);
  return answer?.os || answer?.hardware || undefined;
}
