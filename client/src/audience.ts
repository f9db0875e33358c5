// Who can be told: subscribers, and topics with their members.
import type { Call, CallOptions } from './call.ts'
import { createFeeds } from './feeds.ts'
import { createList } from './pages.ts'
import type { Operations } from './schema.ts'

type SubscriberFields = Operations['putSubscriber']['body']
export type NewSubscriber = SubscriberFields & { id: string }

export function createAudience(call: Call) {
  return { subscribers: createSubscribers(call), topics: createTopics(call) }
}

function createSubscribers(call: Call) {
  return {
    /** Creates or changes. Fields that are absent stay as they are; null removes. */
    upsert: (id: string, fields: SubscriberFields, options?: CallOptions) =>
      call('putSubscriber', { path: { id }, body: fields }, options),
    /** Up to 1,000. Each is taken or refused by itself, and says so in `results`. */
    upsertMany: (subscribers: readonly NewSubscriber[], options?: CallOptions) =>
      call('bulkSubscribers', { body: { subscribers } }, options),
    /** As `upsert`, but it does not create. */
    update: (id: string, fields: SubscriberFields, options?: CallOptions) =>
      call('patchSubscriber', { path: { id }, body: fields }, options),
    get: (id: string, options?: CallOptions) => call('getSubscriber', { path: { id } }, options),
    list: (query: Operations['listSubscribers']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listSubscribers', { query }, options),
    /** With its addresses, and out of its topics. What was sent to it stays on record. */
    delete: (id: string, options?: CallOptions) =>
      call('deleteSubscriber', { path: { id } }, options),
    /** A token for the browser or app of this person, good for what is below /me. */
    token: (id: string, options: { expires_in?: string } & CallOptions = {}) => {
      const { expires_in, ...others } = options
      const body = expires_in === undefined ? {} : { expires_in }
      return call('createSubscriberToken', { path: { id }, body }, others)
    },
    /** Forgets the person: at once nothing is sent to them, and within minutes nothing is left. */
    erase: (id: string, options?: CallOptions) =>
      call('eraseSubscriber', { path: { id } }, options),
    /** Everything that is known of the person: one JSON object a line. */
    export: (id: string, options?: CallOptions) =>
      call('exportSubscriber', { path: { id } }, options),
    ...createFeeds(call),
  }
}

/** Members are subscriber ids, 1,000 at most in one call; `replace` takes 100,000. */
function createTopics(call: Call) {
  const body = (subscribers: readonly string[]) => ({ subscribers })
  return {
    get: (key: string, options?: CallOptions) => call('getTopic', { path: { key } }, options),
    list: (query: Operations['listTopics']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listTopics', { query }, options),
    /** Its members stay subscribers. */
    delete: (key: string, options?: CallOptions) => call('deleteTopic', { path: { key } }, options),

    members: {
      list: (key: string, query: Operations['listMembers']['query'] = {}, options?: CallOptions) =>
        createList(call, 'listMembers', { path: { key }, query }, options),
      /** A topic comes to be with its first member. */
      add: (key: string, members: readonly string[], options?: CallOptions) =>
        call('addMembers', { path: { key }, body: body(members) }, options),
      /** Afterwards the topic has exactly these. */
      replace: (key: string, members: readonly string[], options?: CallOptions) =>
        call('putMembers', { path: { key }, body: body(members) }, options),
      remove: (key: string, members: readonly string[], options?: CallOptions) =>
        call('removeMembers', { path: { key }, body: body(members) }, options),
    },
  }
}
