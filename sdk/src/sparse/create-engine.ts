import { BackendError } from '../core/errors.js';
import { arrange } from './arrange.js';
import { compileEngine } from './engine-code.js';
import { createEngineMemory, type EngineMemory, writeJob } from './engine-memory.js';
import { type EngineThreads, startThreads } from './engine-threads.js';
import type { SparseNetwork, Value } from './network.js';
import { createPace, type Pace } from './pace.js';
import { type Placement, placeValues } from './place.js';
import { instantiate } from './web-assembly.js';
import { writeProgram } from './write-program.js';

const lanes = 4;
/** Of images that are in the engine's memory at a time, where a batch is larger than that. */
const stagingBytes = 16e6;
/** Groups of images of a job: threads count them in twelve bits. */
const maxGroups = 4095;

export interface SparseEngine {
  readonly threads: number;
  /** Logits [count, classes] of images [count, height, width, channels]. */
  run(images: Float32Array, count: number): Float32Array;
  /** Ends its threads. */
  close(): Promise<void>;
}

/** Two programs: for four images in the lanes of a vector, and for bands of one image. Each is written when it is first needed. */
type Mode = 'images' | 'bands';

/**
 * A network made ready to run. Images are taken four at a time, each thread its own where there are enough of them; what is left over is run with
 * all threads on one image after the other.
 * @throws ModelFileError for a network that does not fit into its memory; BackendError where memory or threads cannot be had.
 */
export async function createSparseEngine(network: SparseNetwork, threads: number): Promise<SparseEngine> {
  const module = compileEngine();
  const space = createEngineMemory();
  const { memory } = space;
  const exports = instantiate(module, memory);
  const [{ height, width, channels }] = network.values as readonly [Value];
  const imageSize = height * width * channels;
  const classes = network.logits.length;
  const programs = new Map<Mode, number>();
  const paces = new Map<string, Pace>();
  let lanesFit: boolean | undefined;
  const staging = createStaging(space, imageSize, classes, lanes * threads);
  addressOf('bands'); // a network that does not fit is refused before it is used
  const pool: EngineThreads = threads > 1 ? await startThreads({ module, memory }, threads, exports) : { close: async () => {} };
  return { threads, run, close: pool.close };

  function run(images: Float32Array, count: number): Float32Array {
    const logits = new Float32Array(count * classes);
    const most = staging.countFor(count);
    for (let first = 0; first < count; first += most) {
      const part = Math.min(most, count - first);
      const place = staging.reserve(part);
      new Float32Array(memory.buffer).set(images.subarray(first * imageSize, (first + part) * imageSize), place.images / 4);
      runPart(place, part);
      logits.set(new Float32Array(memory.buffer, place.logits, part * classes), first * classes);
    }
    return logits;
  }

  function runPart(place: Place, count: number): void {
    // Three images leave one lane empty, which is less than three runs in bands take.
    const wanted = count % lanes === lanes - 1 ? count : count - (count % lanes);
    const inLanes = wanted > 0 && fitsInLanes() ? wanted : 0;
    const groups = Math.ceil(inLanes / lanes);
    const apart = Math.min(inLanes, (groups - (groups % threads)) * lanes);
    runJob('images', place, 0, apart, true);
    runJob('images', place, apart, inLanes - apart, false);
    runJob('bands', place, inLanes, count - inLanes, false);
  }

  function runJob(mode: Mode, place: Place, first: number, count: number, apart: boolean): void {
    if (count === 0) return;
    const program = addressOf(mode);
    writeJob(memory, { program, images: place.images + 4 * first * imageSize, count, logits: place.logits + 4 * first * classes, apart });
    const pace = apart || threads === 1 ? undefined : paceOf(mode, count);
    const begin = performance.now();
    try {
      exports.lead(pace?.shares === false ? 1 : threads);
      pace?.note(performance.now() - begin);
    } catch (error) {
      throw new BackendError('A thread of the sparse engine has failed. Load the model again.', { cause: error });
    }
  }

  function paceOf(mode: Mode, count: number): Pace {
    const key = `${mode} ${count}`;
    const pace = paces.get(key) ?? createPace();
    paces.set(key, pace);
    return pace;
  }

  /** Four images at a time take four times the memory: a network that is too large for that still runs one by one. */
  function fitsInLanes(): boolean {
    try {
      lanesFit ??= addressOf('images') > 0;
    } catch {
      lanesFit = false;
    }
    return lanesFit;
  }

  function addressOf(mode: Mode): number {
    const known = programs.get(mode);
    if (known !== undefined) return known;
    const address = addProgram(space, network, mode, { threads, imageBytes: 4 * imageSize, classes });
    programs.set(mode, address);
    return address;
  }
}

function addProgram(
  space: EngineMemory,
  network: SparseNetwork,
  mode: Mode,
  options: { readonly threads: number; readonly imageBytes: number; readonly classes: number },
): number {
  const arrangement = arrange(network, mode === 'bands');
  const placement = placeValues(arrangement);
  const arenas = placement.bytes * (mode === 'images' ? options.threads : 1);
  const arena = space.reserve(arenas); // before the program is written: its pointers have 32 bits
  const address = space.end;
  const { parts, header, end } = writeProgram(arrangement, placement, { ...options, address, groupSize: mode === 'images' ? lanes : 1 });
  space.reserve(end - address);
  header.setUint32(20, arena, true);
  header.setUint32(24, placement.bytes, true);
  const bytes = new Uint8Array(space.memory.buffer);
  for (const part of parts) bytes.set(part.bytes, part.address);
  fillArenas(space, arena, arenas, placement);
  return address;
}

/** What stands around images; memory that nobody has used is zero. */
function fillArenas(space: EngineMemory, begin: number, bytes: number, placement: Placement): void {
  const values = new Float32Array(space.memory.buffer);
  for (let arena = begin; arena < begin + bytes; arena += placement.bytes) {
    for (const { layout, begin, end } of placement.regions) {
      if (layout.fill !== 0) values.fill(layout.fill, (arena + begin) / 4, (arena + end) / 4);
    }
  }
}

interface Place {
  readonly images: number;
  readonly logits: number;
}

interface Staging {
  /** Images of a call of the engine, for a batch of that many. */
  countFor(count: number): number;
  /** Room for so many, kept for later calls. */
  reserve(count: number): Place;
}

function createStaging(space: EngineMemory, imageSize: number, classes: number, least: number): Staging {
  const most = Math.max(least, Math.floor(Math.min(stagingBytes / (4 * imageSize), maxGroups * lanes) / least) * least);
  let held = 0;
  let place: Place = { images: 0, logits: 0 };
  return {
    countFor: (count) => Math.min(count, most),
    reserve(count) {
      if (count > held) {
        held = Math.min(most, 2 ** Math.ceil(Math.log2(count)));
        place = { images: space.reserve(4 * held * imageSize), logits: space.reserve(4 * held * classes) };
      }
      return place;
    },
  };
}
