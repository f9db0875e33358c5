// How the items of a feed are shown.
import { Type } from 'typebox'
import { mostCounted } from '../domain/feed.ts'
import { Moment, Uuid } from './ids.ts'

const nullableText = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
const nullableMoment = (description: string) => Type.Union([Moment(), Type.Null()], { description })

export const FeedItemView = Type.Object({
  id: Uuid('Of the notification.'),
  event_id: Uuid('Of what happened.'),
  type: nullableText('The event type; null for a direct message.'),
  category: nullableText('The category of the event type, as it is now.'),
  level: Type.String(),
  thread_key: nullableText('What belongs together.'),
  content: Type.Object(
    {
      title: Type.Optional(Type.String()),
      body: Type.String(),
      url: Type.Optional(Type.String()),
      actions: Type.Optional(
        Type.Array(Type.Object({ label: Type.String(), url: Type.String() }), { maxItems: 2 }),
      ),
    },
    { description: 'Plain text. Every `url` is one that leads somewhere.' },
  ),
  created_at: Moment('When it came to the feed.'),
  seen_at: nullableMoment('When it was first on a screen.'),
  read_at: nullableMoment('When it was first read.'),
  acknowledged_at: nullableMoment('When it was answered: an action of it was taken.'),
  answered: Type.Union(
    [
      Type.Object({
        at: Moment(),
        by: nullableText('Who; null: somebody who is not named.'),
      }),
      Type.Null(),
    ],
    {
      description:
        'Where one answer is enough for all who were asked: that it came. Nobody need do anything any more.',
    },
  ),
  archived_at: nullableMoment('When it was put away.'),
  snoozed_until: nullableMoment('When it comes back, unread and at the top.'),
})

const upTo = `What is archived or snoozed does not count; ${mostCounted} stands for ${mostCounted} or more.`

export const countFields = {
  unread_count: Type.Integer({ description: `Unread, whatever the filter. ${upTo}` }),
  unseen_count: Type.Integer({ description: `Of these, those that were never on a screen.` }),
}

export const CountsView = Type.Object({
  ...countFields,
  categories: Type.Array(
    Type.Object({
      category: nullableText('Null: without a category.'),
      unread_count: Type.Integer(),
      unseen_count: Type.Integer(),
    }),
    { description: 'Those that have something unread.' },
  ),
})
