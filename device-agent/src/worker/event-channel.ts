import type { RunEvent } from '@precrop/sdk/core/events';

/** Events on their way to the parent. */
export interface EventChannel {
  emit(event: RunEvent): void;
  /** Sends what is withheld: call it before anything that must come after the events. */
  flush(): void;
}

const quietMs = 50;

/**
 * Lets at most twenty step and progress events a second through, and every other event. The newest withheld event goes out
 * before whatever follows it, so that the last state is never lost and the order is kept.
 */
export function createEventChannel(send: (event: RunEvent) => void, clock: () => number): EventChannel {
  let withheld: RunEvent | undefined;
  let lastSent = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (withheld) send(withheld);
    withheld = undefined;
  };
  return {
    flush,
    emit(event) {
      if (withheld && keyOf(withheld) !== keyOf(event)) flush();
      if (keyOf(event) === undefined) return send(event);
      withheld = event;
      if (clock() - lastSent < quietMs) return;
      lastSent = clock();
      flush();
    },
  };
}

/** Events of one key replace each other. */
function keyOf(event: RunEvent): string | undefined {
  if (event.type === 'step') return `step ${event.epoch}`;
  return event.type === 'progress' ? `progress ${event.name}` : undefined;
}
