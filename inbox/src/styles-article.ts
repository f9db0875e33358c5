// How a notification looks, and what stands for those that are still to come.
import { css } from './style-sheet.ts'

export const articleStyles = css`
  .item {
    position: relative;
    display: grid;
    grid-template-columns: 28px minmax(0, 1fr);
    padding: 14px 20px 14px 0;
    padding-inline: 0 20px;
    box-shadow: inset 0 -1px var(--_line);
    cursor: default;
    overflow-wrap: anywhere;
    transition: background-color 0.12s;
  }
  .is-unread {
    background: var(--_unread);
  }
  .has-arrived {
    animation: arrive 1.6s ease-out;
  }
  .mark {
    position: relative;
    justify-self: center;
    margin-top: 0.42em;
    width: 8px;
    height: 8px;
    border-radius: 50%;
  }
  .is-unread .mark {
    background: var(--_accent);
  }
  .title {
    font-weight: 500;
    padding-inline-end: 8px;
  }
  .is-unread .title {
    font-weight: 680;
  }
  .title a {
    color: inherit;
    text-decoration: none;
  }
  .title a::after {
    content: '';
    position: absolute;
    inset: 0;
  }
  .title a:focus-visible {
    outline: 0;
  }
  .title a:focus-visible::after {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
  }
  .badge {
    display: inline-block;
    margin-bottom: 3px;
    padding: 0 7px;
    border-radius: 99px;
    box-shadow: inset 0 0 0 1px currentColor;
    color: var(--_danger);
    font-size: 0.76em;
    font-weight: 680;
    line-height: 1.65;
  }
  .body {
    margin-top: 2px;
    color: var(--_soft);
    white-space: pre-line;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 6;
    overflow: hidden;
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    margin-top: 4px;
    color: var(--_soft);
    font-size: 0.867em;
  }
  .meta > * + *::before {
    content: '·';
    margin-inline: 6px;
  }
  .actions {
    position: relative;
    z-index: 1;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 10px 0 6px;
  }
  .action {
    display: inline-flex;
    align-items: center;
    min-height: 44px;
    padding: 0 16px;
    border-radius: var(--_small-radius);
    color: inherit;
    text-decoration: none;
    font-weight: 600;
  }
  .action.primary {
    color: var(--_on-accent);
  }
  .action.primary:hover {
    background: color-mix(in oklab, var(--_accent) 88%, var(--_text));
  }
  .action.outlined:hover {
    background: var(--_hover);
  }
  .tools {
    position: relative;
    z-index: 2;
    grid-column: 2;
    display: flex;
    margin: 2px 0 -8px -12px;
    margin-inline: -12px 0;
  }
  @media (hover: hover) {
    .item:hover {
      background: var(--_hover);
    }
    .tools {
      position: absolute;
      bottom: 6px;
      inset-inline-end: 12px;
      margin: 0;
      border-radius: var(--_small-radius);
      background: var(--_raised);
      box-shadow:
        0 0 0 1px var(--_line),
        0 2px 8px #0000000f;
      opacity: 0;
      transition: opacity 0.12s;
    }
    .item:hover .tools,
    .item:focus-within .tools {
      opacity: 1;
    }
    .item:focus:not(:focus-visible):not(:hover) .tools {
      opacity: 0;
    }
  }
  .bone {
    display: grid;
    gap: 10px;
    padding: 18px 28px;
    box-shadow: inset 0 -1px var(--_line);
  }
  .bone::before,
  .bone::after {
    content: '';
    height: 12px;
    border-radius: 6px;
    background: linear-gradient(90deg, var(--_hover) 25%, var(--_line), var(--_hover) 75%) 0 / 300%;
    animation: shimmer 1.6s linear infinite;
  }
  .bone::before {
    width: 55%;
  }
  .bone::after {
    width: 85%;
  }
  @keyframes shimmer {
    from {
      background-position: 150%;
    }
  }
  @keyframes arrive {
    from {
      background: color-mix(in oklab, var(--_accent) 24%, transparent);
    }
  }
  @media (forced-colors: active) {
    .is-unread .mark {
      background: Highlight;
      forced-color-adjust: none;
    }
    .action {
      border: 1px solid LinkText;
    }
    .item,
    .bone {
      border-bottom: 1px solid CanvasText;
    }
    .badge,
    .tools {
      border: 1px solid;
    }
  }
`
