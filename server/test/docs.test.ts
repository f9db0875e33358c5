// What the documentation tells people to type is typed here.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createTestContext, type TestContext } from './test-context.ts'

const pages = [
  'README.md',
  'docs/start.md',
  'docs/guides/audience.md',
  'docs/guides/catalog.md',
  'docs/guides/data-sources.md',
  'docs/guides/events.md',
  'docs/guides/explain.md',
  'docs/guides/failover.md',
  'docs/guides/acknowledge.md',
  'docs/guides/fallback.md',
  'docs/guides/force-cancel-retry.md',
  'docs/guides/receipts.md',
  'docs/guides/workers.md',
  'docs/guides/telegram.md',
  'docs/guides/retries.md',
  'docs/guides/sources.md',
  'docs/guides/cloud-events.md',
  'docs/guides/hooks.md',
  'docs/guides/in-app.md',
  'docs/guides/inbox.md',
  'docs/guides/plans.md',
  'docs/guides/preferences.md',
  'docs/guides/providers.md',
  'docs/guides/recurring.md',
  'docs/guides/templates.md',
  'docs/guides/time.md',
]
const hasCurl = spawnSync('bash', ['-c', 'command -v curl']).status === 0
const skip = hasCurl ? false : 'bash and curl are needed to run what the documentation says'

for (const page of pages)
  describe(page, () => {
    const calls = callsOf(page)
    let context: TestContext
    let url: string
    let folder: string // where files of the page go

    before(async () => {
      context = await createTestContext()
      context.work()
      folder = await mkdtemp(path.join(tmpdir(), 'belfry-docs-'))
      url = await context.app.listen({ host: '127.0.0.1', port: 0 })
    })
    after(async () => {
      await context.close()
      await rm(folder, { recursive: true, force: true })
    })

    test('has calls to run', () => assert.ok(calls.length >= 3))

    for (const call of calls) {
      test(call.split('\n')[0], { skip }, async () => {
        const script = `${prelude}\n${call.replaceAll('localhost:4000', url)}`

        const { stdout } = await promisify(execFile)('bash', ['--norc', '-ec', script], {
          cwd: folder,
          env: {
            PATH: process.env.PATH,
            KEY: context.key,
            BELFRY_API_KEY: context.key,
            URL: url,
            NODE: process.execPath,
            COMMAND: path.resolve(import.meta.dirname, '../bin/belfry.js'),
          },
        })

        if (/^(bf|ce) /.test(call)) assert.doesNotThrow(() => JSON.parse(stdout), stdout)
      })
    }
  })

const prelude = `bf() {
  curl -sS --fail-with-body -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" "$@"
}
ce() { curl -sS --fail-with-body -H "Authorization: Bearer $KEY" "$@"; }
belfry() {
  case $1 in
    hooks | pull | diff | push) "$NODE" "$COMMAND" "$@" --url "$URL" ;;
    *) "$NODE" "$COMMAND" "$@" ;;
  esac
}`

/** Every `bf …`, `ce …`, `belfry …` and `echo …` command in the shell blocks of a page, with the lines it goes on in. */
function callsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  const blocks = text.matchAll(/^```sh\n(.*?)^```$/gms)
  return blocks
    .toArray()
    .flatMap(
      ([, block]) =>
        block!.match(/^(?:bf|ce|belfry|echo) .*(?:\n(?!bf |ce |belfry |echo |#|$).+)*/gm) ?? [],
    )
}
