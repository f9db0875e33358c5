// Where texts are rendered: in this process what ends soon, which is nearly everything; in a process that
// can be stopped what might not, and what has turned out not to.
import { failure, renderOne, type Reader, type RenderResult } from './render-batch.ts'
import { RenderPool } from './render-pool.ts'
import type { CompiledTemplate, Scope } from './render.ts'

export type Renderer = {
  /** True: its texts are rendered in another process, which takes longer. */
  isApart(template: CompiledTemplate): boolean
  /** A result per reader, in their order. Never throws: what fails is a result too. */
  render(
    workspaceId: number,
    template: CompiledTemplate,
    scope: Scope,
    readers: Reader[],
  ): Promise<RenderResult[]>
  close(): void
}

const slowMs = 20
const mostSlow = 2
const mostPerBatch = 32 * 1024 * 1024

export function createRenderer(): Renderer {
  const pool = new RenderPool()
  const slowCounts = new WeakMap<CompiledTemplate, number>()

  const isApart = (template: CompiledTemplate) =>
    !template.isBounded || (slowCounts.get(template) ?? 0) >= mostSlow

  function renderHere(template: CompiledTemplate, scope: Scope, readers: Reader[]): RenderResult[] {
    const results: RenderResult[] = []
    let left = mostPerBatch
    for (const reader of readers) {
      if (isApart(template) || left <= 0) break
      const startedMs = performance.now()
      const result = renderOne(template, scope, reader)
      if (performance.now() - startedMs > slowMs)
        slowCounts.set(template, (slowCounts.get(template) ?? 0) + 1)
      // Here it may only have waited for others: apart it has its time to itself.
      if ('error' in result && result.isLimit) break
      if ('content' in result) left -= lengthOf(result.content)
      results.push(result)
    }
    return results
  }

  return {
    isApart,
    async render(workspaceId, template, scope, readers) {
      const results = renderHere(template, scope, readers)
      const rest = readers.slice(results.length)
      if (rest.length === 0) return results
      const batch = { unit: template.unit, scope, readers: rest }
      try {
        return [...results, ...(await pool.render(workspaceId, batch))]
      } catch (error) {
        return [...results, ...rest.map(() => failure(error))]
      }
    },
    close: () => pool.close(),
  }
}

/** About: what is not text counts little. */
function lengthOf(content: object): number {
  let length = 0
  for (const value of Object.values(content)) if (typeof value === 'string') length += value.length
  return length
}
