// Measures Belfry beside its limits and peers, in the same run.
//
//   node bench/run.ts [<name> …] [--profile quick|nightly] [--people <count>] [--write]
//
// Without names: all of them. --people is how many a fan-out is for. --write puts the figures into bench/RESULTS.md.
import { parseArgs } from 'node:util'
import { accept } from './accept.ts'
import { deliver } from './deliver.ts'
import { email } from './email.ts'
import { fanOut } from './fan-out.ts'
import type { Measure, Profile } from './measure.ts'
import { memory } from './memory.ts'
import { retention } from './retention.ts'
import { showReport, writeReports, type Finished } from './results.ts'
import { start } from './start.ts'

const measures: Measure[] = [accept, deliver, email, fanOut, retention, start, memory]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'quick' },
    people: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

function fail(text: string): never {
  console.error(text)
  process.exit(2)
}

if (values.profile !== 'quick' && values.profile !== 'nightly')
  fail('--profile is quick or nightly')
const profile: Profile = values.profile
const people = values.people === undefined ? null : Number(values.people)
if (people !== null && !(Number.isInteger(people) && people > 0)) fail('--people is a count')
const names = measures.map(({ name }) => name)
const unknown = positionals.find((name) => !names.includes(name))
if (unknown !== undefined) fail(`There is no measure "${unknown}": ${names.join(', ')}.`)

const finished: Finished[] = []
for (const measure of measures) {
  if (positionals.length > 0 && !positionals.includes(measure.name)) continue
  const startedMs = performance.now()
  const report = await measure.run(profile, people)
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  const command = `node bench/run.ts ${measure.name} --profile ${profile}${people === null ? '' : ` --people ${people}`}`
  finished.push({ title: measure.title, command, report, seconds })
  console.log(showReport(finished.at(-1)!))
}
if (values.write) await writeReports(finished)
process.exit()
