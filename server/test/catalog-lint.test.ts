// `belfry lint`: every mistake in a file is told with its line and column, before any server is asked.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { printProblems } from '../src/catalog/folder.ts'
import { lintFolder } from '../src/catalog/lint.ts'
import { loadConfig } from '../src/config.ts'
import { belfry } from './cli-process.ts'

const root = await mkdtemp(path.join(tmpdir(), 'belfry-lint-'))
after(() => rm(root, { recursive: true, force: true }))

const type = 'channels: [sms]\nparams:\n  type: object\n  properties: { name: { type: string } }\n'
let folders = 0

async function write(files: Record<string, string | Buffer>): Promise<string> {
  const folder = path.join(root, String(folders++))
  await mkdir(folder)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
    await writeFile(path.join(folder, file), text)
  }
  return folder
}

async function lint(folder: string): Promise<string[]> {
  const { problems } = await lintFolder(loadConfig({}, {}), folder, new Date())
  return printProblems(problems, '')
}

// what, file, text, how its one problem begins
const mistakes: [string, string, string | Buffer, RegExp][] = [
  [
    'a misspelt field',
    'event-types/a.yaml',
    'channels: [sms]\ncatgory: x\n',
    /^event-types\/a\.yaml:2:1: catgory: is not known here\. Did you mean "category"\?/,
  ],
  [
    'a misspelt channel',
    'event-types/a.yaml',
    'channels:\n  - sms\n  - emial\n',
    /^event-types\/a\.yaml:3:5: channels\/1: must be one of .* Did you mean "email"\?/,
  ],
  [
    'a missing field',
    'event-types/a.yaml',
    'name: A\n',
    /^event-types\/a\.yaml:1:\d+: channels: is required/,
  ],
  [
    'yes for true',
    'event-types/a.yaml',
    'channels: [sms]\nopt_in: yes\n',
    /^event-types\/a\.yaml:2:9: opt_in: must be a boolean/,
  ],
  [
    'Liquid that does not parse',
    'event-types/a.yaml',
    "channels: [sms]\naudience:\n  - '{{ name'\n",
    /^event-types\/a\.yaml:3:/,
  ],
  [
    'a parameter in a text',
    'event-types/t.sms.default.liquid',
    'Dear\n\n  {{ nmae }}\n',
    /^event-types\/t\.sms\.default\.liquid:3:6: "nmae" is no declared name\. Did you mean "name"\?/,
  ],
  [
    'a parameter below the fields',
    'event-types/t.email.fr.liquid',
    '---\nsubject: x\n---\nDear {{ nmae }}\n',
    /^event-types\/t\.email\.fr\.liquid:4:9: "nmae"/,
  ],
  [
    'a parameter in a field',
    'event-types/t.email.fr.liquid',
    '---\nsubject: Dear {{ nmae }}\n---\nx\n',
    /^event-types\/t\.email\.fr\.liquid:2:18: subject: "nmae"/,
  ],
  [
    'a parameter in what a webhook sends',
    'event-types/t.webhook.default.liquid',
    'a:\n  - "{{ nmae }}"\n',
    /^event-types\/t\.webhook\.default\.liquid:2:9: body\/a\/0: "nmae"/,
  ],
  [
    'Liquid without quotes in YAML',
    'event-types/t.webhook.default.liquid',
    'a: {{ name }}\n',
    /^event-types\/t\.webhook\.default\.liquid:1:5: .*Liquid goes in quotes/,
  ],
  [
    'a partial that is not there',
    'event-types/t.sms.default.liquid',
    '{% render "fotter" %}\n',
    /^event-types\/t\.sms\.default\.liquid:1:\d+: .*fotter/,
  ],
  [
    'a template of no event type',
    'event-types/u.sms.default.liquid',
    'x\n',
    /:1:1: There is no event type "u"\. Did you mean "t"\?/,
  ],
  [
    'a template with an unknown channel',
    'event-types/t.smz.default.liquid',
    'x\n',
    /:1:1: must be called <event type>\.<channel>\.<locale>\.liquid/,
  ],
  [
    'a locale written otherwise',
    'event-types/t.sms.pt-br.liquid',
    'x\n',
    /:1:1: has the locale "pt-br", which must be "pt-BR"/,
  ],
  [
    'the same key twice',
    'event-types/a.yaml',
    'channels: [sms]\nname: a\nname: b\n',
    /:3:1: The same key stands here twice/,
  ],
  [
    'an anchor',
    'event-types/a.yaml',
    'name: &a b\ncategory: *a\n',
    /:\d+:\d+: Anchors and aliases/,
  ],
  [
    'a bomb of aliases',
    'event-types/a.yaml',
    `a: &a [x]\n${'bcdefgh'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`)
      .join('\n')}\n`,
    /Anchors and aliases/,
  ],
  ['a tag', 'event-types/a.yaml', 'name: !!binary aGk=\n', /:1:\d+: Tags \(!\)/],
  ['YAML 1.1', 'event-types/a.yaml', '%YAML 1.1\n---\nname: x\n', /:1:1: Only YAML 1\.2/],
  ['deep nesting', 'event-types/a.yaml', `name: ${'['.repeat(100_000)}`, /nested too deeply/],
  ['a prototype', 'event-types/a.yaml', '__proto__: { a: 1 }\n', /:1:1: "__proto__" is no key/],
  [
    'a number that JSON has not',
    'event-types/a.yaml',
    'retry: .inf\n',
    /:1:8: Only numbers that JSON has/,
  ],
  ['a list as the file', 'event-types/a.yaml', '- 1\n', /:1:1: must have fields/],
  ['an empty file', 'event-types/a.yaml', '', /:1:1: must have fields/],
  [
    'bytes that are not UTF-8',
    'event-types/a.yaml',
    Buffer.from([0x61, 0xff]),
    /:1:1: is not UTF-8/,
  ],
  [
    'a huge file',
    'partials/a.liquid',
    Buffer.alloc(256 * 1024 + 1, 'x'),
    /:1:1: is larger than 256 kB/,
  ],
  ['a folder in a folder', 'event-types/a/b.yaml', 'x', /^event-types\/a:1:1: /],
  [
    'a misspelt folder',
    'event-type/a.yaml',
    'x',
    /^event-type:1:1: .* Did you mean "event-types"\?/,
  ],
  [
    'a copy that an editor left behind',
    'event-types/a.yaml.bak',
    'channels: [sms]\n',
    /^event-types\/a\.yaml\.bak:1:1: must end in \.yaml or \.liquid/,
  ],
  ['a partial in YAML', 'partials/a.yaml', 'x', /must end in \.liquid/],
  [
    'a secret',
    'providers/email.a.yaml',
    'kind: smtp\nsettings: { host: smtp.example.com, user: a, password: hunter2, from: a@b.de }\n',
    /^providers\/email\.a\.yaml:2:56: settings\/password: is a secret: write \$\{env:NAME\}/,
  ],
  [
    'a secret of Belfry itself',
    'providers/email.a.yaml',
    'kind: smtp\nsettings: { host: smtp.example.com, user: a, password: "${env:BELFRY_SECRET}", from: a@b.de }\n',
    /cannot be one of the BELFRY_ variables/,
  ],
  [
    'a provider of no kind',
    'providers/email.a.yaml',
    'kind: smpt\nsettings: {}\n',
    /:1:7: kind: must be one of sandbox, smtp.*Did you mean "smtp"/,
  ],
  [
    'a setting of a provider',
    'providers/email.a.yaml',
    'kind: smtp\nsettings: { hots: smtp.example.com, from: a@b.de }\n',
    /settings\/hots: is not known here\. Did you mean "host"/,
  ],
  [
    'a source of no event type',
    'sources/a.yaml',
    'auth: { kind: none }\nevent: { type: tt, params: {} }\n',
    /^sources\/a\.yaml:2:16: event\/type: There is no event type "tt"/,
  ],
  [
    'a message',
    'translations/fr.yaml',
    'messages:\n  a: "{n, plural, one {x}"\n',
    /^translations\/fr\.yaml:2:6: /,
  ],
]

for (const [what, file, text, begins] of mistakes)
  test(`${what} is told with its place`, async () => {
    const problems = await lint(await write({ 'event-types/t.yaml': type, [file]: text }))

    assert.ok(
      problems.some((problem) => begins.test(problem)),
      problems.join('\n') || 'none',
    )
    assert.ok(!problems.join().includes('hunter2'))
  })

test('links lead nowhere outside of the folder', async () => {
  const outside = await write({ 'event-types/secret.yaml': 'name: hunter2\n' })
  const folder = await write({ 'event-types/t.yaml': type })
  await symlink(
    path.join(outside, 'event-types/secret.yaml'),
    path.join(folder, 'event-types/a.yaml'),
  )
  await symlink(path.join(outside, 'nowhere'), path.join(folder, 'event-types/b.yaml'))
  await symlink('t.yaml', path.join(folder, 'event-types/c.yaml'))

  assert.deepEqual(await lint(folder), [
    'event-types/a.yaml:1:1: is a link that leads out of the folder: nothing there is read.',
    'event-types/b.yaml:1:1: is a link that leads nowhere.',
  ])
  await symlink(path.join(outside, 'event-types'), path.join(folder, 'sources'))
  await assert.rejects(lint(folder), /sources .* must be a folder, and no link to one/)
})

test('a file of many gigabytes is not read', async () => {
  const folder = await write({ 'partials/a.liquid': '' })
  await truncate(path.join(folder, 'partials/a.liquid'), 50_000_000_000)

  assert.match((await lint(folder))[0]!, /is larger than 256 kB/)
})

test('names that a file cannot have are written as in a URL, and two files cannot be one part', async () => {
  const folder = await write({
    'event-types/shop%3Aalert.yaml': type,
    'event-types/t.yaml': type,
    'event-types/t.yml': type,
    'event-types/README.md': 'words',
  })

  assert.deepEqual(await lint(folder), [
    'event-types/t.yml:1:1: is the same event type t as event-types/t.yaml.',
  ])
})

test('the command tells all of it, as text and as JSON, and fails', async () => {
  const folder = await write({ 'event-types/t.yaml': `${type}nmae: x\n` })
  const cli = { dataDir: path.join(root, 'data') }

  const told = await belfry(['lint', folder], cli)
  const json = await belfry(['lint', folder, '--json'], cli)
  const missing = await belfry(['lint', path.join(folder, 'nowhere')], cli)

  assert.equal(told.code, 1)
  assert.equal(
    told.out,
    `${path.join(folder, 'event-types/t.yaml')}:5:1: nmae: is not known here. Did you mean "name"?\n`,
  )
  assert.match(told.words, /1 file, 1 problem$/m)
  assert.deepEqual(JSON.parse(json.out).problems, [
    {
      file: 'event-types/t.yaml',
      line: 5,
      column: 1,
      detail: 'nmae: is not known here. Did you mean "name"?',
    },
  ])
  assert.equal(missing.code, 1)
  assert.match(missing.words, /There is no folder .*nowhere.*belfry pull/)
})
