// `belfry types`: event types as TypeScript, so that the compiler checks what is triggered.
import { readFile, writeFile } from 'node:fs/promises'
import { loadCatalog } from '../catalog/folder.ts'
import { partAt, type Fields, type Parts } from '../catalog/parts.ts'
import { printEventTypes } from '../catalog/typescript.ts'
import { readFiles } from './catalog-files.ts'
import { withCatalogServer, type CatalogOptions } from './catalog-server.ts'
import { Failed, UsageError } from './failure.ts'
import { configOf } from './options.ts'
import { printJson, say } from './output.ts'

type TypesOptions = CatalogOptions & { out?: string; check?: boolean }

export async function types(folder: string | undefined, options: TypesOptions): Promise<void> {
  const { out, check: isCheck } = options
  if (isCheck && out === undefined) throw new UsageError('--check needs --out: the file to check.')
  const text = printEventTypes(await schemasOf(folder, options))
  if (out === undefined) return void process.stdout.write(text)
  const isCurrent = (await readFile(out, 'utf8').catch(() => null)) === text
  if (!isCurrent && !isCheck) await writeFile(out, text)
  if (options.json) printJson({ file: out, is_current: isCurrent })
  else if (isCurrent) say(`${out} is up to date`)
  else
    say(
      isCheck
        ? `${out} is not what the event types say: belfry types --out ${out}`
        : `${out} was written`,
    )
  if (isCheck && !isCurrent) throw new Failed()
}

async function schemasOf(
  folder: string | undefined,
  options: TypesOptions,
): Promise<Map<string, Fields | null>> {
  if (folder !== undefined) {
    const config = configOf(options)
    const loaded = await loadCatalog(folder)
    const defaults = { config, retention: config.retention }
    return schemasIn((await readFiles(loaded, defaults, options.json ?? false)).forms)
  }
  let schemas = new Map<string, Fields | null>()
  await withCatalogServer(options, async (server) => {
    schemas = schemasIn((await server.read()).parts)
  })
  return schemas
}

function schemasIn(parts: Parts): Map<string, Fields | null> {
  return new Map(
    [...parts].flatMap(([pointer, { params }]): [string, Fields | null][] => {
      const { kind, names } = partAt(pointer)
      // A JSON Schema that is an object: the form of the part was checked.
      return kind === 'event_types' ? [[names[0]!, (params ?? null) as Fields | null]] : []
    }),
  )
}
