// Where texts are rendered: in this process what ends soon, which is nearly everything; in a process that
// can be stopped what might not, and what has turned out not to.
import { hash } from 'node:crypto'
import { failure, renderOne, type Reader, type RenderResult } from './render-batch.ts'
import { RenderPool } from './render-pool.ts'
import type { CompiledTemplate, Scope } from './render.ts'

export type Renderer = {
  /** True: its texts are rendered in another process, which takes longer. */
  isApart(workspaceId: number, template: CompiledTemplate): boolean
  /** As many as can be made at once in this process, from the first on. */
  renderHere(
    workspaceId: number,
    template: CompiledTemplate,
    scope: Scope,
    readers: Reader[],
  ): RenderResult[]
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
const slowForMs = 10 * 60_000
const mostRecords = 1_000
const mostPerBatch = 32 * 1024 * 1024

export function createRenderer(): Renderer {
  const pool = new RenderPool()
  const slow = new SlowTemplates()

  const isApart = (workspaceId: number, template: CompiledTemplate) =>
    !template.isBounded || slow.has(workspaceId, template)

  function renderHere(
    workspaceId: number,
    template: CompiledTemplate,
    scope: Scope,
    readers: Reader[],
  ): RenderResult[] {
    const results: RenderResult[] = []
    let left = mostPerBatch
    const began = { atMs: performance.now(), cpuMs: cpuMs() }
    for (const reader of readers) {
      if (isApart(workspaceId, template) || left <= 0) break
      const startedMs = performance.now()
      const result = renderOne(template, scope, reader)
      // Only by what it has worked: on a busy machine anything may take long.
      const worked = () => cpuMs() - began.cpuMs - (startedMs - began.atMs)
      if (performance.now() - startedMs > slowMs && worked() > slowMs)
        slow.count(workspaceId, template)
      // Here it may only have waited for others: apart it has its time to itself.
      if ('error' in result && result.isLimit) break
      if ('content' in result) left -= lengthOf(result.content)
      results.push(result)
    }
    return results
  }

  return {
    isApart,
    renderHere,
    async render(workspaceId, template, scope, readers) {
      const results = renderHere(workspaceId, template, scope, readers)
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

/** What this thread has worked so far, in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/**
 * Templates whose texts have taken long here, by their workspace and their source: they are compiled anew
 * every few seconds, and none may be forgotten with that. After a while it is tried here again.
 */
class SlowTemplates {
  readonly #records = new Map<string, { count: number; untilMs: number }>()
  readonly #sources = new WeakMap<CompiledTemplate, string>()

  has(workspaceId: number, template: CompiledTemplate): boolean {
    if (this.#records.size === 0) return false // nearly always: nothing is hashed for it
    const known = this.#records.get(this.#nameOf(workspaceId, template))
    return !!known && known.count >= mostSlow && known.untilMs > performance.now()
  }

  count(workspaceId: number, template: CompiledTemplate): void {
    const name = this.#nameOf(workspaceId, template)
    const nowMs = performance.now()
    const known = this.#records.get(name)
    const count = known && known.untilMs > nowMs ? known.count + 1 : 1
    this.#records.delete(name) // last again: those that were slow long ago go first
    this.#records.set(name, { count, untilMs: nowMs + slowForMs })
    if (this.#records.size > mostRecords) this.#records.delete(this.#records.keys().next().value!)
  }

  #nameOf(workspaceId: number, template: CompiledTemplate): string {
    let source = this.#sources.get(template)
    if (source === undefined) {
      source = hash('sha256', JSON.stringify(template.unit))
      this.#sources.set(template, source)
    }
    return `${workspaceId} ${source}`
  }
}

/** About: what is not text counts little. */
function lengthOf(content: object): number {
  let length = 0
  for (const value of Object.values(content)) if (typeof value === 'string') length += value.length
  return length
}
