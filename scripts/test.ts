// `npm test`: every test of the server, the client and the inbox, on one PostgreSQL that lives as long as the
// run. Arguments choose files: `npm test -- queue` runs those whose path contains "queue".
import { globSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec, type TestEvent } from 'node:test/reporters'
import { styleText } from 'node:util'
import { startEmbedded } from '../server/src/embedded/embedded.ts'

const timeoutMs = 120_000

process.chdir(path.resolve(import.meta.dirname, '..'))
const filters = process.argv.slice(2)
const files = globSync('{server,client,inbox}/**/*.test.ts', { exclude: ['**/node_modules/**'] })
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted()

if (files.length === 0) {
  console.error(`No test file has a path that contains ${filters.join(' or ')}.`)
  process.exit(1)
}

// The first signal stops the tests and then PostgreSQL; a second one ends this process at once.
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort())
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'belfry-test-'))
try {
  const cluster = await startEmbedded({
    dataDir,
    settings: {
      max_connections: '300', // a file takes a dozen, and several run at once
      fsync: 'off', // nothing here outlives the run
    },
  })
  try {
    process.env['BELFRY_TEST_CLUSTER'] = JSON.stringify(cluster.connection)
    if (!interrupted.signal.aborted) await runTests(files)
  } finally {
    await cluster.stop()
  }
} finally {
  await rm(dataDir, { recursive: true, force: true })
}
if (interrupted.signal.aborted) process.exitCode = 1

async function runTests(chosen: string[]): Promise<void> {
  const events = run({
    files: chosen,
    concurrency: availableParallelism() * 2,
    timeout: timeoutMs,
    signal: interrupted.signal,
  })
  events.on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1
  })

  // The reporter would list the failures below the summary: hold the summary back, to end with it.
  const summary: string[] = []
  const report = events
    .compose(async function* (source: AsyncIterable<TestEvent>) {
      for await (const event of source) {
        const isSummary = event.type === 'test:diagnostic' && event.data.file === undefined
        if (isSummary) summary.push(event.data.message)
        else yield event
      }
    })
    .compose(new spec())
  for await (const text of report) process.stdout.write(text)
  for (const line of summary) console.log(styleText('blue', `ℹ ${line}`))
}
