// Example values for a JSON Schema of parameters, for previews. They look like what is asked for; they
// need not fit every rule of the schema.

type Schema = Record<string, unknown>

const deepest = 6

export function exampleParams(schema: Schema | null): Record<string, unknown> {
  const made = schema === null ? null : exampleOf(schema, 'params', 0)
  return isObject(made) ? made : {}
}

function exampleOf(schema: unknown, name: string, depth: number): unknown {
  if (!isObject(schema) || depth > deepest) return name
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0]
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]
  const type = Array.isArray(schema.type) ? (schema.type[0] as unknown) : schema.type
  if (type === 'object' || isObject(schema.properties)) return objectOf(schema, depth)
  if (type === 'array') return [exampleOf(schema.items, name.replace(/s$/, ''), depth + 1)]
  if (type === 'integer' || type === 'number') return numberOf(schema)
  if (type === 'boolean') return true
  if (type === 'null') return null
  return textOf(schema, name)
}

function objectOf({ properties }: Schema, depth: number): Record<string, unknown> {
  if (!isObject(properties)) return {}
  const members = Object.entries(properties)
  return Object.fromEntries(
    members.map(([name, member]) => [name, exampleOf(member, name, depth + 1)]),
  )
}

function numberOf({ minimum, maximum }: Schema): number {
  if (typeof minimum === 'number')
    return Math.ceil(Math.max(minimum, Math.min(3, Number(maximum ?? 3))))
  return typeof maximum === 'number' ? Math.min(3, maximum) : 3
}

const formats: Record<string, string> = {
  'date-time': '2026-01-15T09:30:00Z',
  date: '2026-01-15',
  time: '09:30:00Z',
  email: 'ana@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '0198c0de-0000-7000-8000-000000000000',
}

function textOf({ format, maxLength }: Schema, name: string): string {
  const text = formats[String(format)] ?? (/url$|link$/i.test(name) ? formats.uri! : name)
  return typeof maxLength === 'number' ? text.slice(0, maxLength) : text
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
