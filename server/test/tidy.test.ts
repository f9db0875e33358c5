// The rules of the house that no linter knows: which folder may import which, names, sizes, and where
// certain things may be said. Each rule is a row; each brings a file that breaks it, so that a rule
// that has stopped looking is noticed.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { errorCodes } from '../src/errors.ts'

type SourceFile = { path: string; text: string }
type Rule = {
  name: string
  appliesTo: (path: string) => boolean
  /** What is wrong with the file, in a few words each. */
  problemsOf: (file: SourceFile) => string[]
  broken: SourceFile
}

const root = path.resolve(import.meta.dirname, '../..')

const doors = ['http', 'cli', 'amqp', 'worker']
const belowDoors = ['domain', 'sql', 'pipeline', 'live', 'catalog', 'root']

// What a folder of server/src may import besides itself. 'root' is the files of server/src itself:
// they put the parts together, so they may import all of them.
const mayImport: Record<string, string[]> = {
  domain: [],
  embedded: [],
  sql: ['domain'],
  channels: ['domain'],
  pipeline: ['domain', 'sql', 'root'],
  live: ['domain', 'sql', 'root'],
  catalog: ['domain', 'sql', 'pipeline', 'root'],
  ...Object.fromEntries(doors.map((door) => [door, belowDoors])),
  root: [...doors, ...belowDoors, 'channels', 'embedded'],
}

const namesThatSayNothing =
  /^(utils?|helpers?|common|shared|types?|misc|index|managers?|services?)$|-(utils?|helpers?|manager|service)$/

// The front door of a package may re-export: its users cannot reach the files behind it.
const frontDoors = [
  'server/src/belfry.ts',
  'client/src/client.ts',
  ...['inbox', 'inbox-client', 'embed'].map((name) => `inbox/src/${name}.ts`),
]

const rules: Rule[] = [
  {
    name: 'imports point down, and doors never import each other',
    appliesTo: (file) => isServerCode(file),
    problemsOf: importsUpOrAcross,
    broken: { path: 'server/src/http/events.ts', text: "import { a } from '../worker/loop.ts'\n" },
  },
  {
    name: 'nobody imports the server',
    appliesTo: (file) => /^(client|inbox|dashboard)\/.*\.tsx?$/.test(file),
    problemsOf: ({ path: file, text }) =>
      importsOf(text)
        .filter((name) => /^belfry(\/|$)/.test(name) || target(file, name).startsWith('server/'))
        .map((name) => `imports ${name}: what both sides know is openapi.json`),
    broken: { path: 'client/src/a.ts', text: "import { b } from '../../server/src/errors.ts'\n" },
  },
  {
    name: 'a file has at most 300 lines',
    appliesTo: (file) => /\.tsx?$/.test(file) && !isGenerated(file),
    problemsOf: ({ text }) => {
      const count = text.trimEnd().split('\n').length
      return count > 300 ? [`has ${count} lines`] : []
    },
    broken: { path: 'server/src/config.ts', text: '// long\n'.repeat(301) },
  },
  {
    name: 'files and folders have kebab-case names that say what they hold',
    appliesTo: isCode,
    problemsOf: ({ path: file }) =>
      file.split('/').flatMap((part) => {
        const name = part.replace(/(\.test)?\.[a-z]+$/, '')
        if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return [`: "${part}" is not kebab-case`]
        return namesThatSayNothing.test(name) ? [`: "${part}" does not say what it holds`] : []
      }),
    broken: { path: 'server/src/sql/utils.ts', text: '' },
  },
  {
    name: 'what is used is imported from the file that defines it',
    appliesTo: (file) => isCode(file) && !frontDoors.includes(file),
    problemsOf: ({ text }) =>
      found(text, /^export\s+(?:type\s+)?(?:\*[^\n]*?|\{[^}]*\}\s*)from\s+'[^']+'/gm).map(
        (statement) => `re-exports: ${statement.replaceAll(/\s+/g, ' ')}`,
      ),
    broken: { path: 'server/src/sql/a.ts', text: "export { b,\n c } from './b.ts'\n" },
  },
  {
    name: 'exports have names',
    appliesTo: isCode,
    problemsOf: ({ text }) => found(text, /^export default .*/gm).map((line) => `has: ${line}`),
    broken: { path: 'server/src/a.ts', text: 'export default 1\n' },
  },
  {
    name: 'only config.ts reads the environment',
    // The supervisor of PostgreSQL has no settings; it looks at PATH and the like as programs do.
    appliesTo: (file) => isServerCode(file) && !/^server\/src\/(config\.ts|embedded\/)/.test(file),
    problemsOf: ({ text }) =>
      found(withoutComments(text), /.*\bprocess\s*\.\s*env\b.*/g).map(
        (line) => `has: ${line.trim()}`,
      ),
    broken: { path: 'server/src/log.ts', text: 'const a = process.env.BELFRY_A\n' },
  },
  {
    name: 'SQL is written in sql/',
    appliesTo: (file) => isServerCode(file) && !file.startsWith('server/src/sql/'),
    problemsOf: ({ text }) =>
      found(text, /^import\s*\{[^}]*\bsql\b[^}]*\}\s*from\s*'[^']*sql\/db\.ts'/gm).map(
        () => 'imports the sql tag',
      ),
    broken: { path: 'server/src/http/a.ts', text: "import { sql, type Db } from '../sql/db.ts'\n" },
  },
  {
    name: 'a file opens with its purpose',
    appliesTo: (file) => isCode(file) && !isTest(file) && !isGenerated(file),
    problemsOf: ({ path: file, text }) => {
      const opening = file.endsWith('.sql') ? /^--\s*\S/ : /^(#!.*\n)?(\/\/|\/\*\*?)\s*\S/
      return opening.test(text) ? [] : ['does not open with a comment']
    },
    broken: { path: 'server/src/sql/migrations/0001-init.sql', text: 'create table a ();\n' },
  },
  {
    name: 'every error code is explained in the reference',
    appliesTo: (file) => file === 'docs/reference/errors.md',
    problemsOf: ({ text }) =>
      Object.keys(errorCodes)
        .filter((code) => !text.includes(`\`${code}\``))
        .map((code) => `does not explain ${code}`),
    broken: { path: 'docs/reference/errors.md', text: '`not_found` and no more\n' },
  },
  {
    name: 'the repository refers to nothing beside it',
    appliesTo: () => true,
    problemsOf: ({ text }) =>
      found(text, /.*\.\.\/shared\b.*/g).map((line) => `has: ${line.trim()}`),
    broken: { path: 'docs/decisions.md', text: ['See ..', 'shared.\n'].join('/') },
  },
]

const files = readRepository()

for (const { name, appliesTo, problemsOf, broken } of rules) {
  test(name, () => {
    assert.ok(appliesTo(broken.path) && problemsOf(broken).length > 0, 'the rule catches nothing')

    const covered = files.filter((file) => appliesTo(file.path))
    const problems = covered.flatMap((file) =>
      problemsOf(file).map((problem) => `${file.path} ${problem}`),
    )

    assert.ok(covered.length > 0, 'there is no file that this rule is about')
    assert.ok(problems.length === 0, `\n${problems.join('\n')}`)
  })
}

function readRepository(): SourceFile[] {
  const workspaces = '{server,client,inbox,dashboard,bench,scripts,examples}'
  const patterns = [
    `${workspaces}/**/*.{ts,tsx,js,sql,md,json}`,
    'docs/**/*.md',
    '*.{md,json,yaml}',
  ]
  const exclude = ['**/node_modules/**', '**/dist/**', '**/.belfry/**', 'package-lock.json']
  return globSync(patterns, { cwd: root, exclude })
    .toSorted()
    .map((file) => ({
      path: file.replaceAll(path.sep, '/'),
      text: readFileSync(path.join(root, file), 'utf8'),
    }))
}

function isCode(file: string): boolean {
  return /\.(tsx?|js|sql)$/.test(file)
}

function isServerCode(file: string): boolean {
  return /^server\/src\/.*\.ts$/.test(file) && !isTest(file)
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts')
}

function isGenerated(file: string): boolean {
  return file === 'client/src/schema.ts'
}

function importsUpOrAcross({ path: file, text }: SourceFile): string[] {
  const from = folderOf(file)
  const allowed = mayImport[from]
  if (allowed === undefined) return [`is in ${from}/, which has no row in the table of imports`]
  return importsOf(text)
    .map((name) => target(file, name))
    .filter((imported) => imported.startsWith('server/') && imported !== 'server/package.json')
    .filter((imported) => folderOf(imported) !== from && !allowed.includes(folderOf(imported)))
    .map(
      (imported) => `imports ${imported}; ${from} may import: ${allowed.join(', ') || 'nothing'}`,
    )
}

/** The folder of server/src that a file is in; 'root' for the files of server/src itself. */
function folderOf(file: string): string {
  const [folder = '', ...rest] = path.posix.relative('server/src', file).split('/')
  return rest.length === 0 ? 'root' : folder
}

/** Where a relative import leads, from the root of the repository; a package's name otherwise. */
function target(file: string, imported: string): string {
  return imported.startsWith('.') ? path.posix.join(path.posix.dirname(file), imported) : imported
}

/** Everything that is imported from: types, values, side effects and dynamic imports. */
function importsOf(text: string): string[] {
  const statements =
    /^(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm
  return [...text.matchAll(statements)].flatMap(([, from, effect, dynamic]) => {
    const name = from ?? effect ?? dynamic
    return name === undefined ? [] : [name]
  })
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\/?\*).*|\s\/\/ .*/gm, '')
}

function found(text: string, pattern: RegExp): string[] {
  return text.match(pattern) ?? []
}
