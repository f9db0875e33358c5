// How an inbox looks.
import { css } from './style-sheet.ts'

export const inboxStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--_background);
    container: belfry-inbox / inline-size;
  }
  header {
    display: flex;
    align-items: center;
    gap: 2px;
    padding: 10px 8px 0 20px;
    padding-inline: 20px 8px;
    flex: none;
  }
  header.has-back {
    padding-inline-start: 6px;
  }
  header h2 {
    flex: 1;
    min-width: 0;
    font-size: 1.2em;
    font-weight: 700;
    letter-spacing: -0.01em;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  :host([dir='rtl']) .flip svg {
    transform: scaleX(-1);
  }
  .tabs,
  .chips {
    display: flex;
    flex: none;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .tabs {
    padding-inline: 10px;
    box-shadow: inset 0 -1px var(--_line);
  }
  .tabs button {
    position: relative;
    padding: 0 10px;
    border-radius: 0;
    color: var(--_soft);
    font-weight: 550;
    white-space: nowrap;
  }
  .tabs button:hover {
    background: none !important;
    color: var(--_text);
  }
  .tabs [aria-selected='true'] {
    color: var(--_text);
  }
  .tabs [aria-selected='true']::after {
    content: '';
    position: absolute;
    inset: auto 10px 0;
    height: 2px;
    border-radius: 2px 2px 0 0;
    background: var(--_accent);
  }
  .tally {
    margin-inline-start: 6px;
    padding: 1px 7px;
    border-radius: 99px;
    background: var(--_hover);
    font-size: 0.8em;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }
  [aria-selected='true'] .tally {
    background: color-mix(in oklab, var(--_accent) 14%, transparent);
    color: var(--_accent);
  }
  .chips {
    gap: 6px;
    padding: 6px 20px;
    box-shadow: inset 0 -1px var(--_line);
  }
  .chips button {
    flex: none;
    display: inline-flex;
    align-items: center;
    padding: 0;
    font-size: 0.9em;
  }
  .chips button:hover {
    background: none !important;
  }
  .chips span {
    padding: 4px 12px;
    border-radius: 99px;
    box-shadow: inset 0 0 0 1px var(--_line);
    color: var(--_soft);
    font-weight: 550;
    white-space: nowrap;
  }
  .chips button:hover span {
    background: var(--_hover);
    color: var(--_text);
  }
  .chips [aria-pressed='true'] span {
    background: var(--_text);
    color: var(--_background);
    box-shadow: none;
  }
  .scroller {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    position: relative;
  }
  .end {
    position: relative;
    height: 1px;
  }
  .end::before {
    content: '';
    position: absolute;
    inset: -600px 0 0;
    pointer-events: none;
    visibility: hidden;
  }
  .news {
    position: sticky;
    top: 8px;
    z-index: 3;
    height: 0;
    display: flex;
    justify-content: center;
  }
  .news button {
    box-shadow: var(--_shadow);
    border-radius: 99px;
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 10px 20px;
    background: var(--_hover);
    color: var(--_soft);
    font-size: 0.9em;
    flex: none;
  }
  .banner svg {
    flex: none;
  }
  .toast {
    position: absolute;
    inset-inline: 12px;
    bottom: 12px;
    z-index: 4;
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 52px;
    padding: 4px 6px;
    padding-inline-start: 16px;
    border-radius: var(--_small-radius);
    background: light-dark(#22252c, #eceef2);
    color: light-dark(#fff, #16181d);
    box-shadow: var(--_shadow);
    animation: rise 0.18s ease-out;
  }
  .toast p {
    flex: 1;
  }
  .toast button {
    font-weight: 650;
    color: light-dark(#a9bdff, #2947b8);
  }
  .toast button:hover {
    background: light-dark(#fff2, #0001) !important;
  }
  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    min-width: 240px;
    padding: 6px;
    border: 0;
    border-radius: var(--_radius);
    background: var(--_raised);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }
  .menu button {
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: 24px;
    width: 100%;
    padding: 0 12px;
    text-align: start;
  }
  .menu button:focus-visible {
    background: var(--_hover);
  }
  .menu button span {
    color: var(--_soft);
    font-size: 0.9em;
    font-variant-numeric: tabular-nums;
  }
  .frame {
    position: relative;
    display: flex;
    flex-direction: column;
    flex: 1;
    min-height: 0;
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  @media (forced-colors: active) {
    .tabs [aria-selected='true']::after {
      background: Highlight;
    }
    .chips [aria-pressed='true'] span {
      border: 2px solid Highlight;
    }
    .tabs,
    .chips,
    .banner {
      border-bottom: 1px solid CanvasText;
    }
    .tabs button,
    .chips button {
      border-color: Canvas;
    }
    .chips span,
    .toast,
    .menu {
      border: 1px solid CanvasText;
    }
  }
`
