// Colours, type and controls that all components share. Everything a page may change is a custom
// property; the private ones hold what comes of it.
import { css } from './style-sheet.ts'

export const baseStyles = css`
  :host {
    color-scheme: light dark;
    --_accent: var(--belfry-accent, light-dark(#3157d5, #8fabff));
    --_on-accent: var(--belfry-on-accent, light-dark(#fff, #0d1430));
    --_background: var(--belfry-background, light-dark(#fff, #17181c));
    --_raised: var(--belfry-raised, light-dark(#fff, #23252b));
    --_hover: var(--belfry-hover, light-dark(#f3f4f7, #202228));
    --_unread: var(--belfry-unread, light-dark(#f4f7ff, #1b2031));
    --_text: var(--belfry-text, light-dark(#16181d, #eceef2));
    --_soft: var(--belfry-text-soft, light-dark(#5b6270, #a3a9b6));
    --_line: var(--belfry-border, light-dark(#e3e5ea, #32353d));
    --_danger: var(--belfry-danger, light-dark(#c02637, #ff8f98));
    --_radius: var(--belfry-radius, 12px);
    --_small-radius: calc(var(--_radius) * 0.66);
    --_shadow: var(
      --belfry-shadow,
      0 0 0 1px light-dark(#0f172a14, #fff1),
      0 12px 40px -8px light-dark(#0f172a40, #000c)
    );
    font: var(--belfry-font-size, 0.9375rem) / 1.45
      var(--belfry-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif);
    color: var(--_text);
    text-align: start;
    -webkit-font-smoothing: antialiased;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p {
    margin: 0;
    font: inherit;
  }
  button {
    margin: 0;
    border: 0;
    padding: 0 14px;
    min-width: 44px;
    min-height: 44px;
    border-radius: var(--_small-radius);
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
    transition: background-color 0.12s;
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 44px;
    padding: 0;
    color: var(--_soft);
  }
  button:not(:disabled):hover {
    background: var(--_hover);
  }
  .icon:not(:disabled):hover {
    color: var(--_text);
  }
  .primary {
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }
  button.primary:hover {
    background: color-mix(in oklab, var(--_accent) 88%, var(--_text)) !important;
  }
  .outlined {
    box-shadow: inset 0 0 0 1px var(--_line);
    font-weight: 600;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
  }
  svg {
    display: block;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .notice {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 6px;
    padding: 56px 24px;
    text-align: center;
    text-wrap: balance;
    color: var(--_soft);
  }
  .notice h3 {
    color: var(--_text);
    font-weight: 650;
    font-size: 1.0667em;
  }
  .notice .picture {
    display: grid;
    place-items: center;
    width: 64px;
    height: 64px;
    margin-bottom: 10px;
    border-radius: 50%;
    background: var(--_hover);
    color: var(--_soft);
  }
  .notice .picture svg {
    width: 28px;
    height: 28px;
  }
  .notice button {
    margin-top: 14px;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
  @media (forced-colors: active) {
    button,
    .outlined {
      border: 1px solid ButtonBorder;
    }
    .icon {
      border-color: Canvas;
    }
    :focus-visible {
      outline-color: Highlight;
    }
  }
`
