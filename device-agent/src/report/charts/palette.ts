/**
 * Colours by role, as CSS variables of the page; the fallback is the light theme, so that an SVG alone looks right too.
 * Grey, blue and orange differ in lightness as well as hue, and no chart tells two things apart by colour alone.
 */
export const palette = {
  original: 'var(--original, #6b7684)',
  crop: 'var(--crop, #0b62c4)',
  sparse: 'var(--sparse, #9a6200)',
  worse: 'var(--worse, #c2410c)',
  track: 'var(--track, #dfe4ea)',
  grid: 'var(--grid, #e6eaef)',
  muted: 'var(--muted, #56616e)',
  surface: 'var(--surface, #ffffff)',
} as const;
