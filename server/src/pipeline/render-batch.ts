// Texts of one template for many readers, rendered one after the other. The same in the process of the
// worker and in one of its own.
import type { Content } from '../domain/content.ts'
import { TextError } from './liquid-error.ts'
import type { CompiledTemplate, Scope, TemplateUnit } from './render.ts'

/** What differs from reader to reader. */
export type Reader = Pick<
  Scope,
  | 'subscriber'
  | 'unsubscribe_url'
  | 'preferences_url'
  | 'why_url'
  | 'acknowledge_url'
  | 'locale'
  | 'digest'
>

export type RenderBatch = { unit: TemplateUnit; scope: Scope; readers: Reader[] }

/** `isLimit`: it took too long or became too much. */
export type RenderResult = { content: Content } | { error: string; isLimit: boolean }

export function renderOne(
  template: Pick<CompiledTemplate, 'render'>,
  scope: Scope,
  reader: Reader,
): RenderResult {
  try {
    return { content: template.render({ ...scope, ...reader }) }
  } catch (error) {
    return failure(error)
  }
}

export function failure(error: unknown): { error: string; isLimit: boolean } {
  const { message } = error as Error
  return { error: message, isLimit: error instanceof TextError && error.isLimit }
}
