// How the bell and its popover look.
import { css } from './style-sheet.ts'

export const bellStyles = css`
  :host {
    display: inline-block;
  }
  .bell {
    position: relative;
    border-radius: 50%;
    color: inherit;
  }
  .bell svg {
    width: 22px;
    height: 22px;
  }
  .count {
    position: absolute;
    top: 3px;
    inset-inline-start: 22px;
    min-width: 18px;
    height: 18px;
    padding: 0 5px;
    border-radius: 99px;
    background: var(--belfry-badge, light-dark(#d3283a, #ff6b78));
    color: var(--belfry-on-badge, light-dark(#fff, #23070a));
    font-size: 11px;
    line-height: 18px;
    font-weight: 700;
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  .panel {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 0;
    border: 0;
    width: min(var(--belfry-width, 420px), calc(100vw - 16px));
    height: min(var(--belfry-height, 640px), calc(100dvh - 80px));
    border-radius: var(--_radius);
    background: var(--_background);
    color: var(--_text);
    box-shadow: var(--_shadow);
    overflow: hidden;
  }
  .panel:popover-open {
    display: flex;
    flex-direction: column;
  }
  belfry-inbox {
    flex: 1;
  }
  @media (max-width: 520px) {
    .panel {
      inset: 0 !important;
      width: 100vw;
      max-width: 100vw;
      height: 100dvh;
      max-height: 100dvh;
      border-radius: 0;
    }
  }
  @media (forced-colors: active) {
    .count,
    .panel {
      border: 1px solid CanvasText;
    }
  }
`
