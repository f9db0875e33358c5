// Writes openapi.json, the contract, from the routes; --check tells whether the file is up to date.
// Needs no database: routes are described, not called.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { loadConfig } from '../src/config.ts'
import type { Context } from '../src/context.ts'
import { createApp } from '../src/http/app.ts'
import { createLog } from '../src/log.ts'
import { createMetrics } from '../src/metrics.ts'

const file = path.resolve(import.meta.dirname, '../../openapi.json')

const described = await describeRoutes()
const written = await readFile(file, 'utf8').catch(() => null)
if (process.argv.includes('--check')) {
  if (written !== described) {
    console.error('openapi.json does not say what the routes do.')
    process.exitCode = 1
  }
} else {
  await writeFile(file, described)
  console.error(written === described ? 'openapi.json was up to date' : 'openapi.json was written')
}

async function describeRoutes(): Promise<string> {
  const { version } = packageJson
  // All that routes touch before the first request.
  const ctx = {
    config: loadConfig({}, {}),
    version,
    log: createLog({ level: 'silent' }),
    metrics: createMetrics({
      version,
      countQueues: async () => [],
      listBreakers: async () => [],
      pruneLagMs: async () => 0,
      countStreams: () => ({}),
    }),
    signals: { ring() {}, on() {}, close: async () => {} },
    streams: { close() {} },
    resultStreams: { close() {} },
  } as unknown as Context
  const app = createApp(ctx)
  await app.ready()
  const document = app.swagger()
  await app.close()
  return `${JSON.stringify(document, null, 2)}\n`
}
