// The components: <belfry-bell>, <belfry-inbox> and <belfry-preferences>. Importing this defines them.
import { BelfryBell } from './belfry-bell.ts'
import { BelfryInbox } from './belfry-inbox.ts'
import { BelfryPreferences } from './belfry-preferences.ts'

export { BelfryBell, BelfryInbox, BelfryPreferences }
export * from './inbox-client.ts'
export type { InboxTab } from './inbox-tab.ts'
export type { Strings } from './strings-english.ts'

/** Done by importing this. A page that loads two copies keeps the first. */
export function defineComponents(): void {
  const define = (name: string, component: CustomElementConstructor) =>
    customElements.get(name) ?? customElements.define(name, component)
  define('belfry-preferences', BelfryPreferences)
  define('belfry-inbox', BelfryInbox)
  define('belfry-bell', BelfryBell)
}

// On a server there is nothing to define: pages that are rendered there may import this as well.
if (globalThis.customElements) defineComponents()

declare global {
  // Only an interface can be added to.
  // oxlint-disable-next-line typescript/consistent-type-definitions
  interface HTMLElementTagNameMap {
    'belfry-bell': BelfryBell
    'belfry-inbox': BelfryInbox
    'belfry-preferences': BelfryPreferences
  }
}
