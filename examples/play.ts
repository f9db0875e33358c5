// `npm run example <name>`: plays one of the examples.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => existsSync(join(import.meta.dirname, name, 'play.ts')))
const name = process.argv[2] ?? ''
if (!names.includes(name)) {
  console.error(`Say which: npm run example ${names.join(' | ')}`)
  process.exit(2)
}
try {
  await import(`./${name}/play.ts`)
} catch (error) {
  console.error(error instanceof Error && error.name === 'Error' ? error.message : error)
  process.exitCode = 1
}
