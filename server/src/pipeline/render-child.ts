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
warmUp()
await write({ ready: true })
for await (const line of createInterface({ input: process.stdin }))
  await renderAll(JSON.parse(line) as RenderBatch)

/** What is loaded and compiled at its first use must not count as the time of somebody's text. */
function warmUp(): void {
  const bodies = [
    '<style>p { color: red }</style><p class="a">{% for i in (1..3) %}{{ i | plus: 1 }}{% endfor %}</p>',
    '# Title\n\n**{{ params.a | upcase }}** [b](https://example.com/)\n\n- c\n\n| d | e |\n|--|--|\n| f | g |',
  ]
  const event = { id: '', type: null, created_at: '' }
  for (const body of bodies) {
    const unit = {
      channel: 'email',
      locale: 'default',
      version: 1,
      content: { subject: 's', body },
    }
    const template = compileTemplate(unit as Parameters<typeof compileTemplate>[0])
    for (let i = 0; i < 5; i++) renderOne(template, { params: { a: 'a' }, event }, {})
  }
}

async function renderAll({ unit, scope, readers }: RenderBatch): Promise<void> {
  const compiled = attempt(() => compileTemplate(unit, unit.parts, 'apart'))
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
