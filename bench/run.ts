// Measures Belfry beside its limits and peers, in the same run.
//
//   node bench/run.ts [<name> …] [--profile quick|nightly] [--people <count>] [--rows <count>] [--write]
//
// Without names: all of them. --people is how many a fan-out is for, --rows among how many lists look. --write puts the figures into bench/RESULTS.md.
import { parseArgs } from 'node:util'
import { accept } from './accept.ts'
import { availability } from './availability.ts'
import { connections } from './connections.ts'
import { deliver } from './deliver.ts'
import { email } from './email.ts'
import { fanOut } from './fan-out.ts'
import { inbox } from './inbox.ts'
import { lists } from './lists.ts'
import { live } from './live.ts'
import type { Measure, Profile } from './measure.ts'
import { memory } from './memory.ts'
import { retention } from './retention.ts'
import { showReport, writeReports, type Finished } from './results.ts'
import { sqlDoor } from './sql-door.ts'
import { start } from './start.ts'
import { urgent } from './urgent.ts'
import { waits } from './waits.ts'

const measures: Measure[] = [
  accept,
  deliver,
  urgent,
  availability,
  email,
  fanOut,
  live,
  lists,
  connections,
  inbox,
  retention,
  waits,
  sqlDoor,
  start,
  memory,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'quick' },
    people: { type: 'string' },
    rows: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

function fail(text: string): never {
  console.error(text)
  process.exit(2)
}

function countOf(name: 'people' | 'rows'): number | null {
  const text = values[name]
  if (text === undefined) return null
  const count = Number(text)
  if (!(Number.isInteger(count) && count > 0)) fail(`--${name} is a count`)
  return count
}

if (values.profile !== 'quick' && values.profile !== 'nightly')
  fail('--profile is quick or nightly')
const profile: Profile = values.profile
const people = countOf('people')
const rows = countOf('rows')
const names = measures.map(({ name }) => name)
const unknown = positionals.find((name) => !names.includes(name))
if (unknown !== undefined) fail(`There is no measure "${unknown}": ${names.join(', ')}.`)

const finished: Finished[] = []
for (const measure of measures) {
  if (positionals.length > 0 && !positionals.includes(measure.name)) continue
  const startedMs = performance.now()
  const report = await measure.run(profile, people, rows)
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  const sizes = `${people === null ? '' : ` --people ${people}`}${rows === null ? '' : ` --rows ${rows}`}`
  const command = `node bench/run.ts ${measure.name} --profile ${profile}${sizes}`
  finished.push({ title: measure.title, command, report, seconds })
  console.log(showReport(finished.at(-1)!))
}
if (values.write) await writeReports(finished)
process.exit()
