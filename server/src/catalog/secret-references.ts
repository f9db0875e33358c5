// Secrets do not stand in files, which end up in repositories: a file says ${env:SMTP_PASSWORD}, or
// nothing, and then the server keeps the secret that it has.
import { secretHolders, secretsOf } from '../catalog-forms.ts'
import { environmentValue } from '../config.ts'
import type { FieldError } from '../errors.ts'
import { fieldOf } from './folder.ts'
import { partAt, type Fields, type Parts } from './parts.ts'

const reference = /^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}$/

export type ResolvedSecrets = {
  /** The parts with every reference replaced by what it stands for. */
  parts: Parts
  problems: FieldError[]
  /** Pointers of references to variables that are not set: those secrets were left out. */
  unset: FieldError[]
}

export function resolveSecrets(given: Parts): ResolvedSecrets {
  const resolved: ResolvedSecrets = { parts: new Map(), problems: [], unset: [] }
  for (const [pointer, value] of given)
    resolved.parts.set(pointer, resolvePart(pointer, value, resolved))
  return resolved
}

function resolvePart(pointer: string, value: Fields, resolved: ResolvedSecrets): Fields {
  const id = partAt(pointer)
  const holder = secretHolders[id.kind]
  const held = holder === undefined ? null : value[holder]
  if (holder === undefined || held === null || typeof held !== 'object') return value
  const names = secretsOf(id, value)
  const fields = Object.entries(held).flatMap(([name, field]): [string, unknown][] => {
    if (!names.includes(name) || field === null) return [[name, field]]
    const at = fieldOf(pointer, holder, name)
    const variable = reference.exec(String(field))?.[1]
    if (variable === undefined) {
      const detail =
        'is a secret: write ${env:NAME}, the name of an environment variable, or leave it to the server.'
      resolved.problems.push({ pointer: at, detail })
      return []
    }
    if (variable.startsWith('BELFRY_')) {
      const detail =
        'cannot be one of the BELFRY_ variables: those are the settings of Belfry itself.'
      resolved.problems.push({ pointer: at, detail })
      return []
    }
    const secret = environmentValue(variable)
    if (secret !== undefined) return [[name, secret]]
    const detail = `the variable ${variable} is not set: the server keeps the secret it has.`
    resolved.unset.push({ pointer: at, detail })
    return []
  })
  return { ...value, [holder]: Object.fromEntries(fields) }
}

/** What a file says in place of secrets, put into what is written over it. */
export function withReferences(pointer: string, value: Fields, before: unknown): Fields {
  const id = partAt(pointer)
  const holder = secretHolders[id.kind]
  const held = (before as Fields | undefined)?.[holder ?? '']
  if (holder === undefined || held === null || typeof held !== 'object') return value
  const names = secretsOf(id, value)
  const references = Object.entries(held).filter(
    ([name, field]) => names.includes(name) && reference.test(String(field)),
  )
  return { ...value, [holder]: { ...(value[holder] as Fields), ...Object.fromEntries(references) } }
}
