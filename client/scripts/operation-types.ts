// From the OpenAPI document to TypeScript: the types of every operation, by its operationId, and a
// table of their methods and paths. It knows the part of JSON Schema that the routes use, and refuses
// the rest rather than guess.

export type JsonSchema = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  format?: string
  default?: unknown
  description?: string
}

type Content = Record<string, { schema?: JsonSchema }>
type Parameter = {
  in: string
  name: string
  required?: boolean
  description?: string
  schema: JsonSchema
}

export type Operation = {
  operationId: string
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, { content?: Content }>
}

export type OpenApiDocument = {
  paths: Record<string, Record<string, Operation>>
  components?: {
    schemas?: Record<string, JsonSchema>
    parameters?: Record<string, Parameter>
  }
}

/** What callers may leave out, and which values they may give, differs from what they get. */
type Direction = 'request' | 'answer'

const opening = `// Generated from openapi.json by client/scripts/schema.ts; changes here are lost.
`

/** The source of schema.ts. The same document always gives the same text. */
export function printSchema(document: OpenApiDocument): string {
  const paths = inlined(document.paths, document.components ?? {})
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    .sort((a, b) => (a.operation.operationId < b.operation.operationId ? -1 : 1))

  const table = operations.map(({ path, method, operation }) => {
    const facts = [`method: ${quote(method.toUpperCase())}`, `path: ${quote(path)}`]
    const list = listMember(operation)
    if (list !== null) facts.push(`list: ${quote(list)}`)
    const statuses = statusesWithAnswer(operation).filter((status) => !status.startsWith('2'))
    if (statuses.length > 0) facts.push(`alsoAnswers: [${statuses.join(', ')}]`)
    return `  ${operation.operationId}: { ${facts.join(', ')} },`
  })
  const types = operations.map(({ operation }) => printOperation(operation))
  const codes = errorCodesOf(operations.map(({ operation }) => operation))

  return `${opening}
/** How each operation is asked for. \`list\` names the member that holds the items of a page. */
export const operations = {
${table.join('\n')}
} as const

/** The version of the API that these types are of. */
export const apiVersion = ${versionOf(document)}

export type Operations = {
${types.join('\n')}
}

/** Every \`code\` that a refusal can carry. */
export type ErrorCode =
${codes.map((code) => `  | ${quote(code)}`).join('\n')}
`
}

function versionOf({ components }: OpenApiDocument): string {
  return literal(components?.parameters?.['Version']?.schema.default ?? null)
}

type Components = NonNullable<OpenApiDocument['components']>

/** The same with each `$ref` replaced by what it refers to. */
function inlined<Value>(value: Value, components: Components): Value {
  const text = JSON.stringify(value, (_, part: unknown) => {
    const reference = (part as { $ref?: unknown } | null)?.$ref
    if (typeof reference !== 'string') return part
    const [, kind, name = ''] = /^#\/components\/(schemas|parameters)\/(\w+)$/.exec(reference) ?? []
    const found = kind === 'parameters' ? components.parameters?.[name] : components.schemas?.[name]
    if (!found) throw new Error(`The generator does not find ${reference}.`)
    return found
  })
  return JSON.parse(text) as Value
}

function printOperation(operation: Operation): string {
  const { operationId, summary = '', description = '', parameters = [], requestBody } = operation
  const members: string[] = []
  for (const place of ['path', 'query'] as const) {
    const placed = parameters.filter((parameter) => parameter.in === place)
    if (placed.length > 0) members.push(printParameters(place, placed))
  }
  const body = requestBody?.content['application/json']?.schema
  const optional = requestBody?.required ? '' : '?'
  if (body) members.push(`body${optional}: ${printType(body, 'request', 2)}`)
  members.push(`answer: ${printAnswer(operation)}`)

  const comment = printComment([summary, description].filter(Boolean).join('\n\n'), 1)
  return `${comment}  ${operationId}: {\n${members.map((member) => `    ${member}\n`).join('')}  }`
}

function printParameters(place: 'path' | 'query', parameters: Parameter[]): string {
  const schema: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description }) => [
        name,
        { ...schema, ...(description !== undefined && { description }) },
      ]),
    ),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  }
  return `${place}: ${printType(schema, 'request', 2)}`
}

function printAnswer(operation: Operation): string {
  const forms = statusesWithAnswer(operation).map((status) => {
    const content = operation.responses[status]?.content
    const schema = content?.['application/json']?.schema
    if (schema) return printType(schema, 'answer', 2)
    return content ? 'string' : 'undefined'
  })
  return [...new Set(forms)].join(' | ')
}

/** Successes, and other statuses that are answered with more than a problem document. */
function statusesWithAnswer({ responses }: Operation): string[] {
  return Object.keys(responses).filter(
    (status) =>
      /^2\d\d$/.test(status) ||
      (/^\d{3}$/.test(status) && responses[status]?.content?.['application/json'] !== undefined),
  )
}

function listMember({ responses }: Operation): string | null {
  const properties = responses['200']?.content?.['application/json']?.schema?.properties
  if (!properties || !('next_cursor' in properties)) return null
  return Object.keys(properties).find((name) => properties[name]?.type === 'array') ?? null
}

function errorCodesOf(operations: Operation[]): string[] {
  const codes = operations.flatMap(
    ({ responses }) =>
      responses['4XX']?.content?.['application/problem+json']?.schema?.properties?.['code']?.enum ??
      [],
  )
  return [...new Set(codes.map(String))].sort()
}

const understood = new Set(
  (
    'type enum const anyOf properties required additionalProperties items format default description ' +
    'example examples pattern minLength maxLength minimum maximum minItems maxItems uniqueItems title'
  ).split(' '),
)

/** A schema as a type, its members indented one step deeper than `depth`. */
export function printType(schema: JsonSchema, direction: Direction, depth: number): string {
  const unknown = Object.keys(schema).find((keyword) => !understood.has(keyword))
  if (unknown !== undefined)
    throw new Error(`The generator does not know "${unknown}": ${JSON.stringify(schema)}`)

  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  if (schema.anyOf) return union(schema.anyOf, direction, depth)
  if (Array.isArray(schema.type))
    return union(
      schema.type.map((type) => ({ ...schema, type })),
      direction,
      depth,
    )
  switch (schema.type) {
    case 'string':
      return direction === 'request' && isMoment(schema) ? 'string | Date' : 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
    case 'null':
      return schema.type
    case 'array':
      return printArray(schema.items, direction, depth)
    case 'object':
      return printObject(schema, direction, depth)
    case undefined:
      return schema.properties ? printObject(schema, direction, depth) : 'unknown'
    default:
      throw new Error(`The generator does not know the type "${schema.type}".`)
  }
}

function isMoment({ format }: JsonSchema): boolean {
  return format === 'date-time' || format === 'date-time-or-local'
}

function printArray(items: JsonSchema | undefined, direction: Direction, depth: number): string {
  const { anyOf, enum: values, type } = items ?? {}
  const isUnion = anyOf ?? values ?? (Array.isArray(type) || isMoment(items ?? {}))
  const item = items ? printType(items, direction, depth) : 'unknown'
  const array = isUnion ? `(${item})[]` : `${item}[]`
  return direction === 'request' ? `readonly ${array}` : array
}

function union(schemas: JsonSchema[], direction: Direction, depth: number): string {
  const forms = schemas.map((schema) => printType(schema, direction, depth))
  return [...new Set(forms)].join(' | ')
}

function printObject(schema: JsonSchema, direction: Direction, depth: number): string {
  const { properties = {}, required = [], additionalProperties } = schema
  const names = Object.keys(properties)
  const value =
    typeof additionalProperties === 'object'
      ? printType(additionalProperties, direction, depth)
      : 'unknown'
  if (names.length === 0)
    return additionalProperties === false ? 'Record<string, never>' : `Record<string, ${value}>`

  const indent = '  '.repeat(depth + 1)
  const members = names.map((name) => {
    const member = properties[name] ?? {}
    const isOptional =
      !required.includes(name) || (direction === 'request' && member.default !== undefined)
    // `undefined` is as good as absent: it is not sent.
    const orUndefined = isOptional && direction === 'request' ? ' | undefined' : ''
    const comment = printComment(member.description ?? '', depth + 1)
    const type = printType(member, direction, depth + 1)
    return `${comment}${indent}${propertyName(name)}${isOptional ? '?' : ''}: ${type}${orUndefined}`
  })
  if (typeof additionalProperties === 'object' || additionalProperties === true)
    members.push(`${indent}[name: string]: unknown`)
  return `{\n${members.join('\n')}\n${'  '.repeat(depth)}}`
}

function printComment(text: string, depth: number): string {
  const lines = text.trim().replaceAll('*/', '* /').split('\n')
  const indent = '  '.repeat(depth)
  if (lines.length === 1) return lines[0] === '' ? '' : `${indent}/** ${lines[0]} */\n`
  const body = lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')
  return `${indent}/**\n${body}\n${indent} */\n`
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
