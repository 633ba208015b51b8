/**
 * Where libtensorflow comes from: the Python wheels hold a whole, current library with its C API, and pip fetches
 * the wheel of any platform whichever Python runs it. Names, sizes and hashes are those of the published files.
 * Windows is not here: its wheel's library needs python312.dll, so Windows takes tfjs-node's own installer.
 */
export interface LibtensorflowWheel {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** Oldest glibc that the wheel's tag promises to run on; absent where there is no glibc. */
  readonly glibc?: string;
  readonly packageName: string;
  readonly platformTag: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly libraries: readonly WheelLibrary[];
}

export interface WheelLibrary {
  /** Path inside the wheel. */
  readonly path: string;
  readonly bytes: number;
  /** More names for the file in lib/, as tfjs-node's binding.gyp asks for them. */
  readonly links: readonly string[];
}

export const libtensorflowVersion = '2.21.0';
export const wheelPython = { version: '3.12', tag: 'cp312' } as const;

/** What tfjs-node's addon includes, followed from its sources. They lie under tensorflow/include/ in the wheel. */
export const libtensorflowHeaders: readonly string[] = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/c_api_macros.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_attrtype.h',
  'tensorflow/c/tf_buffer.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/c/tf_tstring.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'xla/tsl/c/tsl_status.h',
];

export const libtensorflowWheels: readonly LibtensorflowWheel[] = [
  {
    platform: 'linux',
    arch: 'x64',
    glibc: '2.27',
    packageName: 'tensorflow-cpu',
    platformTag: 'manylinux_2_27_x86_64',
    bytes: 274_000_871,
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    libraries: linuxLibraries(788_086_608, 65_222_328),
  },
  {
    platform: 'linux',
    arch: 'arm64',
    glibc: '2.27',
    packageName: 'tensorflow',
    platformTag: 'manylinux_2_27_aarch64',
    bytes: 281_946_471,
    sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
    libraries: linuxLibraries(814_885_544, 68_176_664),
  },
  {
    platform: 'darwin',
    arch: 'arm64',
    packageName: 'tensorflow',
    platformTag: 'macosx_12_0_arm64',
    bytes: 223_488_205,
    sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
    libraries: [
      { path: 'tensorflow/libtensorflow_cc.2.dylib', bytes: 691_352_648, links: ['libtensorflow.2.dylib'] },
      { path: 'tensorflow/libtensorflow_framework.2.dylib', bytes: 49_452_976, links: [] },
    ],
  },
];

function linuxLibraries(mainBytes: number, frameworkBytes: number): readonly WheelLibrary[] {
  return [
    { path: 'tensorflow/libtensorflow_cc.so.2', bytes: mainBytes, links: ['libtensorflow.so'] },
    { path: 'tensorflow/libtensorflow_framework.so.2', bytes: frameworkBytes, links: ['libtensorflow_framework.so'] },
  ];
}
