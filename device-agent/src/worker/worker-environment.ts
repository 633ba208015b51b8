/** The environment of a worker: the parent's, quiet native libraries, and their threads where asked for. */
export function toWorkerEnvironment(
  parent: NodeJS.ProcessEnv,
  { env, threads }: { readonly env?: Readonly<Record<string, string>>; readonly threads?: number },
): NodeJS.ProcessEnv {
  return {
    TF_CPP_MIN_LOG_LEVEL: '3',
    ...parent,
    ...(threads === undefined ? {} : { TF_NUM_INTRAOP_THREADS: `${threads}`, TF_NUM_INTEROP_THREADS: `${threads}` }),
    ...env,
  };
}
