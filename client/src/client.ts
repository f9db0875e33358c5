// The client of Belfry: its API as functions, grouped as the API is.
//
//   import { createClient } from '@belfry/client'
//   const belfry = createClient({ url: 'http://127.0.0.1:4000', key })
//   await belfry.trigger('order.shipped', { order_id: 'A-1001' }, { to: ['ana'] })
import { createCall, type Answer, type Call, type CallOptions } from './call.ts'
import { createConfiguration } from './configuration.ts'
import { createAudience } from './audience.ts'
import type { FieldError } from './belfry-error.ts'
import { createList } from './pages.ts'
import { createPreferences } from './preferences.ts'
import { defaultMaxRetries } from './retry.ts'
import { apiVersion, type ErrorCode, type Operations } from './schema.ts'

export { BelfryError, type BelfryErrorCode, type FieldError } from './belfry-error.ts'
export type { Answer, CallOptions, Input, OperationId } from './call.ts'
export type { List, Page } from './pages.ts'
export { streamFeed, type FeedEvent, type StreamOptions } from './stream.ts'
export type { ErrorCode, Operations } from './schema.ts'
export type { NewSubscriber } from './audience.ts'
export type { TemplateKey } from './configuration.ts'

export type ClientOptions = {
  /** Where Belfry answers, with the path in front of the API if there is one. */
  url: string
  /** A secret key, `bf_sk_…`: for servers, never for pages that others see. */
  key: string
  /** Instead of the platform's own. */
  fetch?: typeof globalThis.fetch | undefined
  /** How long a call may take altogether, retries included. Default: 60 s. */
  timeoutMs?: number | undefined
  /** How long one try may take before the next begins. Default: 20 s. */
  attemptTimeoutMs?: number | undefined
  /** How many more tries after a first one that failed for a passing reason. Default: 4. */
  maxRetries?: number | undefined
  /** The version of the API to speak, sent as `Belfry-Version`. Default: the one that the types are of. */
  version?: string | undefined
}

/** Parameters by event type: `createClient<{ 'order.shipped': { order_id: string } }>(…)`. */
export type EventParams = Record<string, Record<string, unknown>>

export type NewEvent = Operations['createEvent']['body']
export type NewNotification = Operations['createNotification']['body']
export type NewChannelNotification = Operations['createChannelNotification']['body']
/** A message as it is, or one whose text is that of an event type: then with the parameters of that. */
export type Worded<Params extends EventParams, Message extends { template?: string | undefined }> =
  | (Omit<Message, 'template'> & { template?: undefined })
  | {
      [Type in keyof Params & string]: Omit<Message, 'template' | 'params'> & {
        template: Type
      } & (Partial<Params[Type]> extends Params[Type]
          ? { params?: Params[Type] | undefined }
          : { params: Params[Type] })
    }[keyof Params & string]
/** What became of one event of many. */
export type EventResult =
  | {
      status: 'success'
      event_id: string
      /** With `waitSeconds`: what became of it. */
      event_status?: Event['status']
      recipient_count?: number
      error?: string | null
    }
  | {
      status: 'error'
      code: ErrorCode
      title: string
      detail: string | null
      errors: FieldError[]
    }
export type Channel = Operations['createChannelNotification']['path']['channel']
export type Event = Answer<'listEvents'>['events'][number]
export type Notification = Answer<'listNotifications'>['notifications'][number]
/** A notification with its deliveries, their attempts, and why it went as it did. */
export type NotificationStory = Answer<'getNotification'>
export type Subscriber = Answer<'getSubscriber'>
export type EventType = Answer<'getEventType'>
export type Template = Answer<'getTemplate'>
export type Provider = Answer<'getProvider'>
export type Source = Answer<'getSource'>
export type Schedule = Answer<'getSchedule'>
export type Hook = Answer<'getHook'>

export type Client<Params extends EventParams = EventParams> = ReturnType<
  typeof createClient<Params>
>

/**
 * Every call rejects with a `BelfryError` when it comes to nothing, and is tried again before that
 * where this is safe and may help. Nothing is asked for before the first call.
 *
 * @throws TypeError for a `url` that is none, or without a `key`.
 */
export function createClient<Params extends EventParams = EventParams>(options: ClientOptions) {
  const call = createCall(settingsOf(options))
  const events = createEvents(call)
  const notifications = createNotifications<Params>(call)

  return {
    /** Says that something happened: short for `events.create`. */
    trigger<Type extends keyof Params & string>(
      type: Type,
      params: Params[Type],
      event: Omit<NewEvent, 'type' | 'params'> = {},
      options?: CallOptions,
    ) {
      return events.create({ ...event, type, params }, options)
    },
    /** Sends a message: short for `notifications.create`. */
    notify: notifications.create,

    /**
     * Who would hear about an event or a message, when, how and why; nothing is sent. With `event_id` or
     * `notification_id`: why each person got it, or did not.
     */
    explain: (
      what: Operations['explain']['body'],
      query: Operations['explain']['query'] = {},
      options?: CallOptions,
    ) => call('explain', { body: what, query }, options),

    events,
    notifications,
    threads: createThreads(call),
    ...createAudience(call),
    ...createPreferences(call),
    ...createConfiguration(call),

    webhooks: createWebhooks(call),

    /** What the sandbox caught instead of delivering it. */
    sandbox: {
      /** With `waitSeconds`, the first page waits for a message that fits. */
      list: (query: Operations['listSandboxMessages']['query'] = {}, options?: CallOptions) =>
        createList(call, 'listSandboxMessages', { query }, options),
      clear: (options?: CallOptions) => call('deleteSandboxMessages', {}, options),
    },

    /** What waits, and what became of the deliveries of the last hour and day; with `period`, as a series. */
    stats: (query: Operations['getStats']['query'] = {}, options?: CallOptions) =>
      call('getStats', { query }, options),
    /** Whether the process is alive. */
    health: (options?: CallOptions) => call('getHealth', {}, options),
    /** Whether it can take requests; answers also when it cannot. */
    readiness: (options?: CallOptions) => call('getReadiness', {}, options),

    /** Any operation of the API by its name in openapi.json. */
    call,
  }
}

function createWebhooks(call: Call) {
  return {
    /** A webhook for a source that takes this key, or needs none; of the workspace named, or the default one. */
    send: (
      source: string,
      body: unknown,
      { workspace, ...options }: CallOptions & { workspace?: string } = {},
    ) =>
      workspace === undefined
        ? call('receiveWebhook', { path: { source }, body }, options)
        : call('receiveWebhookOfWorkspace', { path: { workspace, source }, body }, options),
  }
}

function settingsOf(options: ClientOptions) {
  const { url, key, version = apiVersion } = options
  if (typeof key !== 'string' || key === '')
    throw new TypeError('createClient needs a key: "belfry keys" makes one.')
  const { protocol } = new URL(url)
  if (!/^https?:$/.test(protocol))
    throw new TypeError(`createClient needs an http or https url, not ${url}`)
  return {
    url: url.replace(/\/+$/, ''),
    key,
    version,
    // Bound when called: browsers refuse a fetch that is taken off its window, and tests replace it.
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    timeoutMs: options.timeoutMs ?? 60_000,
    attemptTimeoutMs: options.attemptTimeoutMs ?? 20_000,
    maxRetries: options.maxRetries ?? defaultMaxRetries,
  } satisfies Parameters<typeof createCall>[0]
}

function createEvents(call: Call) {
  return {
    /**
     * Says that something happened. Resolves once it is on disk; its people are told right after. With
     * `waitSeconds` it resolves when they are found, and `event` says what became of it.
     */
    create: (event: NewEvent, options?: CallOptions) =>
      call('createEvent', { body: event }, options),
    /** Up to 1,000. Each is accepted or refused by itself: `results` has one entry per event. */
    createMany: async (events: readonly NewEvent[], options?: CallOptions) => {
      const answer = await call('createEvents', { body: events }, options)
      // openapi.json leaves open what a result is; the tests of the server hold it to this.
      return { ...answer, results: answer.results as EventResult[] }
    },
    get: (id: string, options?: CallOptions) => call('getEvent', { path: { id } }, options),
    /** Newest first. */
    list: (query: Operations['listEvents']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listEvents', { query }, options),
    /** Stops what has not begun. */
    cancel: (id: string, options?: CallOptions) => call('cancelEvent', { path: { id } }, options),
    /** Sends now what waits. */
    force: (id: string, options?: CallOptions) => call('forceEvent', { path: { id } }, options),
    /** Tries again what failed. */
    retry: (id: string, options?: CallOptions) => call('retryEvent', { path: { id } }, options),
    /** Says it again as a new event: whoever has heard of it hears of it again. */
    replay: (id: string, options?: CallOptions) => call('replayEvent', { path: { id } }, options),
    /** Says again what happened in a time; with `dry_run` it only counts. */
    replayMany: (range: Operations['replayEvents']['body'], options?: CallOptions) =>
      call('replayEvents', { body: range }, options),
  }
}

function createNotifications<Params extends EventParams>(call: Call) {
  return {
    /** Sends a message. Resolves once it is on disk; with `waitSeconds`, when it was delivered or could not be. */
    create: (message: Worded<Params, NewNotification>, options?: CallOptions) =>
      call('createNotification', { body: message }, options),
    /** Sends a message to one person, or address, on one channel. */
    createOn: (channel: Channel, message: NewChannelNotification, options?: CallOptions) =>
      call('createChannelNotification', { path: { channel }, body: message }, options),
    /** The whole story: deliveries, attempts, the text as it was sent, and the reasons. */
    get: (id: string, options?: CallOptions) => call('getNotification', { path: { id } }, options),
    /** Newest first. */
    list: (query: Operations['listNotifications']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listNotifications', { query }, options),
    /** Once this resolves, it will never be sent. */
    cancel: (id: string, options?: CallOptions) =>
      call('cancelNotification', { path: { id } }, options),
    /** Sends now what waits, whatever it waits for. */
    force: (id: string, options?: CallOptions) =>
      call('forceNotification', { path: { id } }, options),
    /** Somebody has answered it, `by` name if not its recipient: what waits of it is stopped. */
    acknowledge: (id: string, answer: { by?: string } = {}, options?: CallOptions) =>
      call('acknowledgeNotification', { path: { id }, body: answer }, options),
    /** Tries again what failed, or may have been sent. */
    retry: (id: string, options?: CallOptions) =>
      call('retryNotification', { path: { id } }, options),
    /** All that the filters find; with `dry_run` it only counts. */
    cancelMany: (filters: Operations['cancelNotifications']['body'], options?: CallOptions) =>
      call('cancelNotifications', { body: filters }, options),
    forceMany: (filters: Operations['forceNotifications']['body'], options?: CallOptions) =>
      call('forceNotifications', { body: filters }, options),
    retryMany: (filters: Operations['retryNotifications']['body'], options?: CallOptions) =>
      call('retryNotifications', { body: filters }, options),
  }
}

/** Everything with one `thread_key`. */
function createThreads(call: Call) {
  const doing =
    (operation: 'cancelThread' | 'forceThread' | 'retryThread') =>
    (threadKey: string, options?: CallOptions) =>
      call(operation, { path: { thread_key: threadKey } }, options)
  return {
    /** Stops what has not begun. */
    cancel: doing('cancelThread'),
    /** Sends now what waits. */
    force: doing('forceThread'),
    /** Tries again what failed. */
    retry: doing('retryThread'),
  }
}
