// The pictures on buttons: lines of 24 × 24, in the colour of the text.
import { html, type TemplateResult } from 'lit-html'

const icon = (path: string): TemplateResult =>
  html`<svg
    viewBox="0 0 24 24"
    width="20"
    height="20"
    fill="none"
    stroke="currentColor"
    stroke-width="1.75"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d=${path} />
  </svg>`

export const icons = {
  bell: icon('M18 8a6 6 0 0 0-12 0c0 7-3 8-3 9h18c0-1-3-2-3-9M10 21h4'),
  check: icon('m5 12 5 5L20 7'),
  checks: icon('m2 12 5 5L17 7M13 16l1 1L22 7'),
  dot: icon('M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0'),
  clock: icon('M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 7v5l3 2'),
  archive: icon('M3 4h18v5H3zM5 9v11h14V9M10 13h4'),
  back: icon('m15 5-7 7 7 7'),
  close: icon('M6 6l12 12M18 6 6 18'),
  settings: icon(
    'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0',
  ),
  undo: icon('M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6'),
  away: icon(
    'M3 3l18 18M8 16a6 6 0 0 1 8 0M4.5 12.5A11 11 0 0 1 9 9.7M12 20h.01M19.5 12.5A11 11 0 0 0 13 9',
  ),
}
