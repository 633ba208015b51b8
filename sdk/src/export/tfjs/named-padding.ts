import { padsOf, type Window } from '../../ir/geometry.js';
import type { Shape } from '../../ir/node.js';

/** The window's padding by the two names that tfjs has; undefined where it comes to neither. */
export function namePadding(window: Window, [height = 0, width = 0]: Shape): 'same' | 'valid' | undefined {
  if (window.padding === 'same' || window.padding === 'valid') return window.padding;
  const pads = window.padding.join();
  if (pads === '0,0,0,0') return 'valid';
  return pads === padsOf({ ...window, padding: 'same' }, height, width).join() ? 'same' : undefined;
}
