// What layouts, partials and translations look like in requests and answers.
import { Type, type TObject } from 'typebox'
import type { PartKind, PartSource, PartVersion } from '../domain/template.ts'
import { ApiError } from '../errors.ts'
import type { TemplateWarning } from '../pipeline/save-part.ts'
import type { PartKey } from '../sql/template-parts.ts'
import { Moment } from './ids.ts'
import { localeOf } from './template-body.ts'

const PartName = Type.String({
  maxLength: 100,
  pattern: '^[a-z0-9][a-z0-9_-]*$',
  description: 'lower-case letters, digits, _ and -',
})
const Locale = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'A BCP 47 tag such as pt-BR, or `default`.',
})
const body = Type.String({ minLength: 1, maxLength: 65_536 })

const MessagesBody = Type.Object(
  {
    messages: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'ICU messages by key. Members of members are joined with a dot: {"order": {"shipped": …}} is ' +
        '`order.shipped`.',
    }),
  },
  {
    examples: [
      { messages: { parcels: 'You have {count, plural, one {# parcel} other {# parcels}}.' } },
    ],
  },
)

export type PartResource = {
  kind: PartKind
  path: string
  /** Of the path, and of the member that names it. */
  param: 'name' | 'locale'
  list: string
  one: string
  many: string
  operation: string // 'Layout', as in putLayout
  operations: string
  Name: typeof PartName
  Body: TObject
  about: string
}

export const partResources: PartResource[] = [
  {
    kind: 'layout',
    path: '/layouts',
    param: 'name',
    list: 'layouts',
    one: 'a layout',
    many: 'layouts',
    operation: 'Layout',
    operations: 'Layouts',
    Name: PartName,
    Body: Type.Object(
      { body },
      { examples: [{ body: '<html><body>{{ content }}<p>The shop</p></body></html>' }] },
    ),
    about:
      'HTML around e-mails: `{{ content }}` is where their text goes. An e-mail chooses one by beginning ' +
      'with `{% layout "name" %}`; the one called `default` is around all Markdown e-mails that do not.',
  },
  {
    kind: 'partial',
    path: '/partials',
    param: 'name',
    list: 'partials',
    one: 'a partial',
    many: 'partials',
    operation: 'Partial',
    operations: 'Partials',
    Name: PartName,
    Body: Type.Object({ body }, { examples: [{ body: 'Order {{ order_id }}' }] }),
    about:
      'A piece of a text: templates, layouts and partials contain it by `{% render "name" %}`.',
  },
  {
    kind: 'translations',
    path: '/translations',
    param: 'locale',
    list: 'translations',
    one: 'the translations of a language',
    many: 'translations',
    operation: 'Translations',
    operations: 'AllTranslations',
    Name: Locale,
    Body: MessagesBody,
    about: 'Messages that templates ask for by their key: `{{ "parcels" | t: count: 3 }}`.',
  },
]

export function partViewOf({ param, kind }: PartResource) {
  const content =
    kind === 'translations'
      ? { messages: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]) }
      : { body: Type.Union([Type.String(), Type.Null()]) }
  return Type.Object({
    [param]: Type.String(),
    version: Type.Integer({ description: 'Grows by one with each change.' }),
    ...content,
    author: Type.String({ description: 'The name of the key that made this version.' }),
    created_at: Moment('When this version was made.'),
    warnings: Type.Optional(
      Type.Array(
        Type.Object({ template: Type.String(), pointer: Type.String(), detail: Type.String() }),
        { description: 'What templates have wrong with it now. Only in the answer to a change.' },
      ),
    ),
  })
}

export function partPath({ path, param }: PartResource): string {
  return `${path}/:${param}`
}

export function partKeyOf(
  workspaceId: number,
  { kind, param }: PartResource,
  params: object,
): PartKey {
  const given = String((params as Record<string, unknown>)[param])
  return { workspaceId, kind, name: param === 'locale' ? localeOf(given, '{locale}') : given }
}

/** @throws ApiError `invalid_request` for messages that are no texts. */
export function partSourceOf(given: object): PartSource {
  const source = given as PartSource // it fits the schema of its route, but for what messages are
  const errors = 'messages' in source ? misplaced(source.messages, '/messages') : []
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
  return source
}

function misplaced(messages: object, pointer: string): { pointer: string; detail: string }[] {
  return Object.entries(messages).flatMap(([key, value]: [string, unknown]) => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (typeof value === 'string') return []
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return misplaced(value, at)
    return [{ pointer: at, detail: 'must be a text, or an object with texts.' }]
  })
}

export function showPart(
  row: PartVersion,
  { param, kind }: PartResource,
  warnings: TemplateWarning[] = [],
) {
  const { name, version, content, author, createdAt } = row
  const empty = kind === 'translations' ? { messages: null } : { body: null }
  return {
    [param]: name,
    version,
    ...(content ?? empty),
    author,
    created_at: createdAt.toISOString(),
    ...(warnings.length > 0 && { warnings }),
  }
}

export function unknownPart({ name }: PartKey, { list }: PartResource): ApiError {
  return new ApiError('not_found', { detail: `There is nothing called "${name}" in ${list}.` })
}
