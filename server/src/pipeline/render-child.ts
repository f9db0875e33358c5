// The process that renders what may take too long: started by render-process.ts, without environment,
// with little memory, and stopped when a text does not come in time. Reads a batch per line and answers
// a line per text; it remembers nothing between two batches, which may be of different workspaces.
import { createInterface } from 'node:readline'
import { loadInliner } from './inline-css.ts'
import { failure, renderOne, type RenderBatch, type RenderResult } from './render-batch.ts'
import { compileTemplate } from './render.ts'

// All texts of a batch are in the memory of the worker at once.
const mostPerBatch = 32 * 1024 * 1024
const slowMs = 100
const mostSlowFailures = 2

await loadInliner()
await write({ ready: true })
for await (const line of createInterface({ input: process.stdin }))
  await renderAll(JSON.parse(line) as RenderBatch)

async function renderAll({ unit, scope, readers }: RenderBatch): Promise<void> {
  const compiled = attempt(() => compileTemplate(unit, unit.parts))
  let left = mostPerBatch
  let slowFailures = 0
  let last: RenderResult | null = 'error' in compiled ? compiled : null
  for (const reader of readers) {
    const startedMs = performance.now()
    // What has failed slowly twice fails for the others too.
    const isHopeless = 'error' in compiled || slowFailures >= mostSlowFailures || left <= 0
    if (!isHopeless) last = renderOne(compiled, scope, reader)
    const isSlow = performance.now() - startedMs > slowMs
    if (last && 'error' in last && isSlow) slowFailures++
    left -= await write(last!)
    if (left <= 0) last = { error: `all texts of the event together are too long`, isLimit: true }
  }
}

function attempt<T>(work: () => T): T | { error: string; isLimit: boolean } {
  try {
    return work()
  } catch (error) {
    return failure(error)
  }
}

function write(value: unknown): Promise<number> {
  const line = `${JSON.stringify(value)}\n`
  return new Promise((resolve) => process.stdout.write(line, () => resolve(line.length)))
}
