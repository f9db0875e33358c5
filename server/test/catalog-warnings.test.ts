// What is no mistake, and probably not meant: `belfry lint` warns of it at its place.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { printProblems } from '../src/catalog/folder.ts'
import { lintFolder } from '../src/catalog/lint.ts'
import { loadConfig } from '../src/config.ts'

const root = await mkdtemp(path.join(tmpdir(), 'belfry-warnings-'))
after(() => rm(root, { recursive: true, force: true }))

// what, files, the warning
const warnings: [string, Record<string, string>, string][] = [
  [
    'a channel without a template',
    {
      'a.yaml': 'plan:\n  - send: [in_app]\n  - wait: { for: 1h }\n  - send:\n      - email\n',
      'a.in_app.default.liquid': '---\ntitle: T\n---\nB\n',
    },
    'event-types/a.yaml:5:9: plan/2/send/0: has no template for email yet; until it has, people read the ' +
      'fallback text there.',
  ],
  [
    'a wait for an event that no file has',
    {
      'due.yaml':
        'plan:\n  - wait: { for: 1h, unless: { event: piad } }\n' +
        '  - wait: { for: 1h, unless: { event: paid } }\n  - send: [webhook]\n',
      'paid.yaml': 'channels: [webhook]\n',
    },
    'event-types/due.yaml:2:39: plan/0/wait/unless/event: There is no event type "piad" yet; until there is, ' +
      'nothing ends this wait early. Did you mean "paid"?',
  ],
]
for (const [what, files, warning] of warnings)
  test(`${what} is a warning at the place that names it`, async () => {
    const folder = path.join(root, what.replaceAll(' ', '-'))
    await mkdir(path.join(folder, 'event-types'), { recursive: true })
    for (const [file, text] of Object.entries(files))
      await writeFile(path.join(folder, 'event-types', file), text)

    const found = await lintFolder(loadConfig({}, {}), folder, new Date())

    assert.deepEqual(found.problems, [])
    assert.deepEqual(printProblems(found.warnings, ''), [warning])
  })
