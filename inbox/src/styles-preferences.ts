// How a preference centre looks.
import { css } from './style-sheet.ts'

export const preferenceStyles = css`
  :host {
    display: block;
    position: relative;
    background: var(--_background);
    container: belfry-preferences / inline-size;
  }
  .form {
    padding: 4px 20px 24px;
  }
  section,
  .section {
    padding: 16px 0 14px;
  }
  .section ~ section {
    box-shadow: inset 0 1px var(--_line);
  }
  h3,
  h4 {
    margin: 0 0 4px;
    font: inherit;
    font-weight: 680;
  }
  h4 {
    margin-top: 16px;
  }
  .about {
    color: var(--_soft);
    font-size: 0.9em;
  }
  .choice,
  .toggle {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 44px;
    cursor: pointer;
  }
  .toggle {
    justify-content: space-between;
  }
  .toggle:has(:disabled) {
    cursor: default;
  }
  input[type='radio'] {
    flex: none;
    width: 20px;
    height: 20px;
    margin: 0;
    accent-color: var(--_accent);
  }
  [role='switch'] {
    appearance: none;
    position: relative;
    flex: none;
    width: 40px;
    height: 24px;
    margin: 0;
    border-radius: 99px;
    background: light-dark(#8a909d, #616775);
    cursor: inherit;
    transition: background-color 0.15s;
  }
  [role='switch']::before {
    content: '';
    position: absolute;
    inset-block-start: 3px;
    inset-inline-start: 3px;
    width: 18px;
    height: 18px;
    border-radius: 50%;
    background: #fff;
    box-shadow: 0 1px 2px #0004;
    transition: inset-inline-start 0.15s;
  }
  [role='switch']:checked {
    background: var(--_accent);
  }
  [role='switch']:checked::before {
    inset-inline-start: 19px;
    background: var(--_on-accent);
  }
  [role='switch']:disabled {
    opacity: 0.5;
  }
  :focus-visible {
    outline-offset: 2px;
  }
  .is-muted .grid,
  .is-muted [role='group'] {
    opacity: 0.55;
  }
  .row {
    padding: 6px 0;
  }
  .heads {
    display: none;
  }
  .name {
    display: block;
    font-weight: 600;
    text-transform: none;
    overflow-wrap: anywhere;
  }
  .row .label {
    color: var(--_soft);
  }
  .own {
    padding-inline-start: 16px;
    color: var(--_soft);
  }
  .none {
    display: none;
  }
  .row + .row:not(:nth-child(2)) {
    box-shadow: inset 0 1px var(--_line);
  }
  .mandatory {
    padding-bottom: 6px;
  }
  .mandatory .about {
    display: block;
    margin-top: -10px;
  }
  .fields {
    display: flex;
    flex-wrap: wrap;
    gap: 12px;
    margin-top: 12px;
  }
  .field {
    display: grid;
    gap: 4px;
    font-size: 0.9em;
    color: var(--_soft);
  }
  .is-long {
    flex: 1 1 200px;
    min-width: 0;
  }
  .field input,
  select {
    min-height: 44px;
    padding: 0 12px;
    border: 1px solid light-dark(#858b98, #737a88);
    border-radius: var(--_small-radius);
    background: var(--_background);
    color: var(--_text);
    font: inherit;
    font-size: 1rem;
    width: 100%;
  }
  .said {
    position: sticky;
    bottom: 0;
    padding: 10px 20px;
    background: var(--_background);
    color: var(--_soft);
    font-size: 0.9em;
    font-weight: 600;
  }
  .said.has-failed {
    color: var(--_danger);
  }
  @container belfry-preferences (min-width: 560px) {
    .grid {
      display: grid;
      grid-template-columns: minmax(120px, 1fr) repeat(var(--_columns), minmax(68px, auto));
    }
    .row {
      display: grid;
      grid-template-columns: subgrid;
      grid-column: 1 / -1;
      align-items: center;
      padding: 0;
    }
    .heads {
      display: grid;
      color: var(--_soft);
      font-size: 0.867em;
      text-align: center;
    }
    .row .toggle {
      justify-content: center;
    }
    .row .label {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
      overflow: hidden;
    }
    .none {
      display: block;
    }
    .row + .row {
      box-shadow: inset 0 1px var(--_line);
    }
  }
  @media (forced-colors: active) {
    [role='switch'] {
      appearance: auto;
    }
    [role='switch']::before {
      display: none;
    }
    .section ~ section,
    .row + .row:not(:nth-child(2)) {
      border-top: 1px solid CanvasText;
    }
  }
`
