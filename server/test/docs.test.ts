// What the documentation tells people to type is typed here.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createTestContext, type TestContext } from './test-context.ts'

const pages = [
  'README.md',
  'docs/start.md',
  'docs/guides/audience.md',
  'docs/guides/events.md',
  'docs/guides/sources.md',
  'docs/guides/cloud-events.md',
  'docs/guides/preferences.md',
  'docs/guides/templates.md',
]
const hasCurl = spawnSync('bash', ['-c', 'command -v curl']).status === 0
const skip = hasCurl ? false : 'bash and curl are needed to run what the documentation says'

for (const page of pages)
  describe(page, () => {
    const calls = callsOf(page)
    let context: TestContext
    let url: string

    before(async () => {
      context = await createTestContext()
      context.work()
      url = await context.app.listen({ host: '127.0.0.1', port: 0 })
    })
    after(() => context.close())

    test('has calls to run', () => assert.ok(calls.length >= 5))

    for (const call of calls) {
      test(call.split('\n')[0], { skip }, async () => {
        const script = `${prelude}\n${call.replaceAll('localhost:4000', url)}`

        const { stdout } = await promisify(execFile)('bash', ['--norc', '-ec', script], {
          env: { PATH: process.env.PATH, KEY: context.key },
        })

        assert.doesNotThrow(() => JSON.parse(stdout), stdout)
      })
    }
  })

const prelude = `bf() {
  curl -sS --fail-with-body -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" "$@"
}
ce() { curl -sS --fail-with-body -H "Authorization: Bearer $KEY" "$@"; }`

/** Every `bf …` and `ce …` command in the shell blocks of a page, with the lines it goes on in. */
function callsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  const blocks = text.matchAll(/^```sh\n(.*?)^```$/gms)
  return blocks
    .toArray()
    .flatMap(([, block]) => block!.match(/^(?:bf|ce) .*(?:\n(?!bf |ce |#|$).+)*/gm) ?? [])
}
