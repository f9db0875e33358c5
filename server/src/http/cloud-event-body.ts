// What a CloudEvent looks like as JSON.
import { Type } from 'typebox'

const text = (description: string) => Type.String({ minLength: 1, maxLength: 1_000, description })

export const CloudEventBody = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    type: Type.String({ minLength: 1, maxLength: 200, description: 'A registered event type.' }),
    source: text('Where it happened. With `id` it makes the event unlike any other.'),
    id: text('Which one of its source it is.'),
    time: Type.Optional(
      Type.String({ format: 'date-time', description: 'RFC 3339. Checked, and not kept.' }),
    ),
    subject: Type.Optional(text('Not kept.')),
    datacontenttype: Type.Optional(
      Type.String({
        maxLength: 255,
        pattern: '^[^/;]+/([^/;]+\\+)?[jJ][sS][oO][nN][ ]*(;.*)?$',
        description: 'application/json, or another type of JSON.',
      }),
    ),
    dataschema: Type.Optional(text('Not kept.')),
    traceparent: Type.Optional(text('The trace it belongs to, as the header of this name.')),
    to: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 65_536,
        description: 'Who hears about it: subscriber ids and `topic:<key>`, with commas.',
      }),
    ),
    data: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'The parameters.' }),
    ),
  },
  {
    additionalProperties: true, // extension attributes are the sender's
    description: 'A CloudEvent 1.0.',
    examples: [
      {
        specversion: '1.0',
        type: 'order.shipped',
        source: '/shop',
        id: 'A-1001',
        to: 'ana',
        data: { order_id: 'A-1001' },
      },
    ],
  },
)

export const maxCloudEvents = 1_000

export const CloudEventBatchBody = Type.Array(CloudEventBody, { maxItems: maxCloudEvents })
