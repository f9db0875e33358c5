// Data sources in the bodies of event types.
import { Type, type Static } from 'typebox'
import { isSourceName, mostSources, type DataSources } from '../domain/data-source.ts'
import { durationPattern } from '../domain/duration.ts'
import { pointerTo } from '../domain/json-pointer.ts'
import { headerProblems, splitHeaders, type GivenHeaders } from '../data-secrets.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { dataProblems } from '../pipeline/data-urls.ts'

const fields = {
  url: Type.String({
    minLength: 1,
    maxLength: 2_000,
    description:
      'Liquid over the parameters, `event` and `workspace`, behind a host that is written out. Values are ' +
      'percent-encoded.',
  }),
  timeout: Type.Optional(
    Type.String({
      pattern: durationPattern,
      description: 'a duration such as 5s, at most 10s: how long it may take in all; left out: 2s',
    }),
  ),
  cache: Type.Optional(
    Type.String({
      pattern: durationPattern,
      description:
        'a duration such as 60s, at most 24h: how long an answer may be used again; left out: not at all',
    }),
  ),
  required: Type.Optional(
    Type.Boolean({
      description:
        'True: what reads it waits for it, and is not sent without it. False, or left out: when it fails it is absent.',
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[A-Za-z0-9-]{1,100}$' }),
      Type.Union([Type.String({ minLength: 1, maxLength: 4_096 }), Type.Null()]),
      {
        description:
          'Sent along, such as {"authorization": "Bearer …"}. Values are kept encrypted and shown as null; null ' +
          'keeps the value there is.',
      },
    ),
  ),
}

const Source = Type.Object(fields, { additionalProperties: false })

export const DataBody = Type.Optional(
  Type.Record(Type.String(), Source, {
    description:
      'Data sources, by the name that templates read: {"order": {"url": …}} is asked before a text is written, and ' +
      'its JSON is `data.order`.',
  }),
)

type Given = Static<typeof DataBody> | undefined

const mostHeaders = 10

function noName(name: string): FieldError {
  const detail = 'is no name for a data source: small letters, digits and _, a letter first.'
  return { pointer: `/data${pointerTo([name])}`, detail }
}

function tooMany(pointer: string, members: object, most: number): FieldError[] {
  const count = Object.keys(members).length
  return count <= most ? [] : [{ pointer, detail: `has ${count} members; ${most} are the most.` }]
}

/** As it is stored, and the values of headers apart. */
export function readData(data: Given): { data?: DataSources; given: GivenHeaders } {
  if (data === undefined || Object.keys(data).length === 0) return { given: {} }
  const { sources, given } = splitHeaders(data)
  return { data: sources, given }
}

/** @throws ApiError `invalid_request` */
export function checkData(data: Given, params: Record<string, unknown> | null): void {
  if (data === undefined) return
  const errors = [
    ...tooMany('/data', data, mostSources),
    ...Object.keys(data).flatMap((name) => (isSourceName(name) ? [] : [noName(name)])),
    ...Object.entries(data).flatMap(([name, { headers = {} }]) =>
      tooMany(`/data/${name}/headers`, headers, mostHeaders),
    ),
    ...dataProblems(data as DataSources, params),
    ...headerProblems(data),
  ]
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
}
