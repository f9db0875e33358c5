// Which names a JSON Schema of parameters allows a template to read. Without `properties`, or with an
// explicit `additionalProperties` or `patternProperties`, anything goes.

type Schema = Record<string, unknown>

/** Null: any name may be read. Otherwise what each name leads to; null again where anything may follow. */
export type Names = { [name: string]: Names } | null

const deepest = 8

export function paramNames(schema: Schema | null): Names {
  return schema === null ? null : namesOf(schema, schema, 0)
}

function namesOf(schema: unknown, root: Schema, depth: number): Names {
  if (!isObject(schema) || depth > deepest) return null
  const forms = [schema, ...branches(schema, root)]
  if (forms.some(isOpen)) return null
  const names: Exclude<Names, null> = Object.create(null)
  let isDeclared = false
  for (const { properties } of forms) {
    if (!isObject(properties)) continue
    isDeclared = true
    for (const [name, member] of Object.entries(properties))
      names[name] = namesOf(member, root, depth + 1)
  }
  return isDeclared ? names : null
}

/** The schemas beside it that may declare members too. */
function branches(schema: Schema, root: Schema, depth = 0): Schema[] {
  if (depth > deepest) return []
  const { $ref, allOf, anyOf, oneOf, if: condition, then, else: otherwise } = schema
  const found = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
  found.push(condition, then, otherwise)
  if (typeof $ref === 'string') found.push(resolve($ref, root))
  return found.filter(isObject).flatMap((branch) => [branch, ...branches(branch, root, depth + 1)])
}

/** @see RFC 6901 */
function resolve(reference: string, root: Schema): unknown {
  if (!reference.startsWith('#/')) return reference === '#' ? root : null
  let at: unknown = root
  for (const step of reference.slice(2).split('/')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : null
  }
  return at
}

function isOpen({ additionalProperties, patternProperties, $dynamicRef }: Schema): boolean {
  const isClosed = additionalProperties === undefined || additionalProperties === false
  return !isClosed || patternProperties !== undefined || $dynamicRef !== undefined
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
