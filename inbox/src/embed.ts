// What /embed/inbox.js is made from: the components, asking the Belfry that the file came from.
import { setDefaultUrl } from './component.ts'

export * from './inbox.ts'
// For the parts that are loaded later, so that they need no copy of it.
export { _$LH, html, noChange, nothing } from 'lit-html'

setDefaultUrl(new URL('..', import.meta.url).href)
