// `belfry diff`: what a push would change, line by line.
import { diff as compareLines } from 'node:util'
import type { Difference } from '../catalog/compare.ts'
import { fileOf, printPart } from '../catalog/part-files.ts'
import { partAt, type Parts } from '../catalog/parts.ts'
import { describeOrigin, readBoth, type Both } from './catalog-files.ts'
import { withCatalogServer, type CatalogOptions } from './catalog-server.ts'
import { Failed } from './failure.ts'
import { print, printJson, say, styled } from './output.ts'

type DiffOptions = CatalogOptions & { exitCode?: boolean }

export async function diff(folder: string, options: DiffOptions): Promise<void> {
  await withCatalogServer(options, async (server) => {
    const both = await readBoth(folder, server, options.json ?? false)
    const { differences } = both
    if (options.json) printJson({ differences })
    else for (const one of differences) show(both, one)
    const count = (files: string, there: string) =>
      differences.filter((one) => one.files === files && one.server === there).length
    if (!options.json)
      say(
        `${count('has', 'lacks')} only in files, ${count('has', 'has')} different, ` +
          `${count('lacks', 'has')} only on the server`,
      )
    if (options.exitCode && differences.length > 0) throw new Failed()
  })
}

function show({ files, server }: Both, { part, changed }: Difference): void {
  const file = files.loaded.files.get(part)?.file ?? fileOf(partAt(part))
  const side = { files: 'changed here', server: 'changed there', both: 'changed on both sides' }
  const who = changed === 'files' ? '' : describeOrigin(server.origins.get(part))
  const what = changed === 'unknown' ? '' : `  ${side[changed]}${who}`
  print(`${styled('bold', file)}${what}`)
  const lines = compareLines(linesOf(server.parts, part), linesOf(files.forms, part))
  for (const [operation, line] of shortened(lines)) {
    if (operation === 0) print(`    ${line}`)
    // util.diff tells what the first has that the second lacks as an insertion.
    else print(operation === 1 ? styled('red', `  - ${line}`) : styled('green', `  + ${line}`))
  }
}

function linesOf(parts: Parts, part: string): string[] {
  const value = parts.get(part)
  return value === undefined ? [] : printPart(partAt(part), value).replace(/\n$/, '').split('\n')
}

const context = 3

/** Lines that are the same are shown only around those that are not. */
function shortened(lines: [number, string][]): [number, string][] {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(([operation]) => operation !== 0)
  return lines.filter((_, at) => isNear(at))
}
