// Which fields a closed JSON Schema knows, for those who name fields before any value is there.

export type Undeclared = { name: string; known: string[] }

type Schema = Record<string, unknown>

// What else may bring fields in: then nobody can say that one is unknown.
const otherSources = [
  '$ref',
  '$dynamicRef',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'dependentSchemas',
  'patternProperties',
]

/**
 * The first step of the path that leads to a field the schema rules out; null when it may be there.
 * Only schemas that say `additionalProperties: false` rule anything out.
 */
export function undeclaredField(schema: Schema | null, path: readonly string[]): Undeclared | null {
  let at: unknown = schema
  for (const name of path) {
    if (!isSchema(at) || otherSources.some((keyword) => keyword in (at as Schema))) return null
    if (/^\d+$/.test(name) && 'items' in at) {
      at = at['items']
      continue
    }
    const properties: Schema = isSchema(at['properties']) ? at['properties'] : {}
    if (!Object.hasOwn(properties, name)) {
      const isClosed = at['additionalProperties'] === false || at['unevaluatedProperties'] === false
      return isClosed ? { name, known: Object.keys(properties) } : null
    }
    at = properties[name]
  }
  return null
}

/** The fields that must be there. */
export function requiredFields(schema: Schema | null): string[] {
  const required = schema?.['required']
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
