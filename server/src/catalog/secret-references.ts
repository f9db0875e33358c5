// Secrets do not stand in files, which end up in repositories: a file says ${env:SMTP_PASSWORD}, or
// nothing, and then the server keeps the secret that it has.
import { environmentValue } from '../config.ts'
import { valueAt } from '../domain/json-pointer.ts'
import type { FieldError } from '../errors.ts'
import { secretHolders, type SecretHolder } from '../secret-holders.ts'
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
  return secretHolders(partAt(pointer), value).reduce(
    (part, holder) => resolveHolder(pointer, part, holder, resolved),
    value,
  )
}

function resolveHolder(
  pointer: string,
  value: Fields,
  { path, names }: SecretHolder,
  resolved: ResolvedSecrets,
): Fields {
  const held = valueAt(value, path)
  if (typeof held !== 'object' || held === null) return value
  const fields = Object.entries(held).flatMap(([name, field]): [string, unknown][] => {
    if ((names !== null && !names.includes(name)) || field === null) return [[name, field]]
    const secret = resolveField(fieldOf(pointer, ...path, name), field, resolved)
    if (secret !== undefined) return [[name, secret]]
    // Of headers null is the value the server has; other secrets it keeps when they are left out.
    return names === null ? [[name, null]] : []
  })
  return withAt(value, path, Object.fromEntries(fields))
}

/** Undefined when there is nothing it stands for. */
function resolveField(at: string, field: unknown, resolved: ResolvedSecrets): string | undefined {
  const variable = reference.exec(String(field))?.[1]
  if (variable === undefined) {
    const detail =
      'is a secret: write ${env:NAME}, the name of an environment variable, or leave it to the server.'
    resolved.problems.push({ pointer: at, detail })
    return undefined
  }
  if (variable.startsWith('BELFRY_')) {
    const detail =
      'cannot be one of the BELFRY_ variables: those are the settings of Belfry itself.'
    resolved.problems.push({ pointer: at, detail })
    return undefined
  }
  const secret = environmentValue(variable)
  if (secret !== undefined) return secret
  const detail = `the variable ${variable} is not set: the server keeps the secret it has.`
  resolved.unset.push({ pointer: at, detail })
  return undefined
}

/** What a file says in place of secrets, put into what is written over it. */
export function withReferences(pointer: string, value: Fields, before: unknown): Fields {
  const id = partAt(pointer)
  return secretHolders(id, value).reduce((part, { path, names }) => {
    const held = valueAt(before, path)
    if (typeof held !== 'object' || held === null) return part
    const references = Object.entries(held).filter(
      ([name, field]) => (names === null || names.includes(name)) && reference.test(String(field)),
    )
    if (references.length === 0) return part
    const now = valueAt(part, path) as Fields | undefined
    // Headers that are there no more have no place in it.
    const known = references.filter(([name]) => names !== null || Object.hasOwn(now ?? {}, name))
    return withAt(part, path, { ...now, ...Object.fromEntries(known) })
  }, value)
}

function withAt(value: Fields, [first, ...rest]: string[], member: Fields): Fields {
  const inner = rest.length === 0 ? member : withAt(value[first!] as Fields, rest, member)
  return { ...value, [first!]: inner }
}
