type Names = Readonly<Record<string, readonly string[]>>;

// Instruction sets that kernels of neural networks are written for, and what they are called by Linux (/proc/cpuinfo) and macOS
// (`sysctl hw.optional`), in lower case. Two tables, for a word may mean something else on the other kind: AMD's "sme" encrypts memory.
const x86Names: Names = {
  'sse4.2': ['sse4_2'],
  avx: ['avx', 'avx1_0'],
  f16c: ['f16c'],
  fma: ['fma'],
  avx2: ['avx2', 'avx2_0'],
  'avx-vnni': ['avx_vnni'],
  avx512f: ['avx512f'],
  'avx512-vnni': ['avx512_vnni', 'avx512vnni'],
  'avx512-bf16': ['avx512_bf16'],
  'avx512-fp16': ['avx512_fp16'],
  'amx-int8': ['amx_int8'],
  'amx-bf16': ['amx_bf16'],
};
const armNames: Names = {
  neon: ['asimd', 'neon', 'advsimd'],
  dotprod: ['asimddp', 'arm.feat_dotprod'],
  fp16: ['asimdhp', 'arm.feat_fp16'],
  i8mm: ['i8mm', 'arm.feat_i8mm'],
  bf16: ['bf16', 'arm.feat_bf16'],
  sve: ['sve'],
  sve2: ['sve2'],
  sme: ['sme', 'arm.feat_sme'],
};

/** The instruction sets that /proc/cpuinfo tells of; null where it has no list of them. Cores that differ have what all of them have. */
export function parseCpuinfoSimd(cpuinfo: string | null): readonly string[] | null {
  const lists = new Set([...(cpuinfo ?? '').matchAll(/^(?:flags|Features)\s*:.*$/gm)].map(([line]) => line));
  const [first, ...others] = [...lists].map((line) => toSimd(line, line.startsWith('flags') ? x86Names : armNames));
  return first?.filter((name) => others.every((other) => other.includes(name))) ?? null;
}

/** Of what `sysctl hw.optional` prints, lines such as "hw.optional.arm.FEAT_DotProd: 1"; null where there is none. */
export function parseSysctlSimd(output: string | null): readonly string[] | null {
  const lines = [...(output ?? '').matchAll(/^hw\.optional\.(\S+): (\d+)$/gm)];
  if (lines.length === 0) return null;
  const told = lines.flatMap(([, name = '', value]) => (value === '0' ? [] : [name])).join(' ');
  return toSimd(told, { ...x86Names, ...armNames });
}

function toSimd(flags: string, names: Names): readonly string[] {
  const told = new Set(flags.toLowerCase().split(/\s+/));
  return Object.entries(names).flatMap(([name, aliases]) => (aliases.some((alias) => told.has(alias)) ? [name] : []));
}
