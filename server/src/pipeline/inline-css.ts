// Style sheets of HTML e-mails, moved into the elements they are about. Only done in a process that can
// be stopped: a sheet can be made so that this takes minutes.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { initWasm, inline } from '@css-inline/css-inline-wasm'

let isLoaded = false

/** Needed once before `inlineCss`. */
export async function loadInliner(): Promise<void> {
  if (isLoaded) return
  const file = import.meta.resolve('@css-inline/css-inline-wasm/index_bg.wasm')
  await initWasm(await readFile(fileURLToPath(file)))
  isLoaded = true
}

export function needsInlining(html: string): boolean {
  return /<style/i.test(html)
}

/** What cannot be in an element (`@media`) stays in a style sheet. Nothing is fetched. */
export function inlineCss(html: string): string {
  return inline(html, { loadRemoteStylesheets: false, keepAtRules: true, keepLinkTags: true })
}
