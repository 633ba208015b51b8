/** Makes a value when it is first asked for, and knows it from then on. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The same of each object, which must never change: what follows from it is made once and kept as long as it is. */
export function oncePer<K extends object, T>(make: (of: K) => T): (of: K) => T {
  const made = new WeakMap<K, { readonly value: T }>();
  return (of) => {
    let entry = made.get(of);
    if (!entry) {
      entry = { value: make(of) };
      made.set(of, entry);
    }
    return entry.value;
  };
}

/** The same of each name. */
export function oncePerName<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, { readonly value: T }>();
  return (name) => {
    const entry = made.get(name) ?? { value: make(name) };
    made.set(name, entry);
    return entry.value;
  };
}
