// Generated from openapi.json by client/scripts/schema.ts; changes here are lost.

/** How each operation is asked for. `list` names the member that holds the items of a page. */
export const operations = {
  addMembers: { method: 'POST', path: '/topics/{key}/members' },
  bulkSubscribers: { method: 'POST', path: '/subscribers/bulk' },
  cancelEvent: { method: 'POST', path: '/events/{id}/cancel' },
  cancelNotification: { method: 'POST', path: '/notifications/{id}/cancel' },
  createChannelNotification: { method: 'POST', path: '/notifications/{channel}' },
  createEvent: { method: 'POST', path: '/events' },
  createEvents: { method: 'POST', path: '/events/batch' },
  createKey: { method: 'POST', path: '/keys' },
  createNotification: { method: 'POST', path: '/notifications' },
  createProvider: { method: 'POST', path: '/providers' },
  createSubscriberToken: { method: 'POST', path: '/subscribers/{id}/token' },
  deleteEventType: { method: 'DELETE', path: '/event-types/{key}' },
  deleteLayout: { method: 'DELETE', path: '/layouts/{name}' },
  deletePartial: { method: 'DELETE', path: '/partials/{name}' },
  deleteProvider: { method: 'DELETE', path: '/providers/{id}' },
  deleteSandboxMessages: { method: 'DELETE', path: '/sandbox/messages' },
  deleteSource: { method: 'DELETE', path: '/sources/{key}' },
  deleteSubscriber: { method: 'DELETE', path: '/subscribers/{id}' },
  deleteSubscription: { method: 'DELETE', path: '/subscribers/{id}/subscriptions/{event_type}' },
  deleteTemplate: { method: 'DELETE', path: '/templates/{event_type}/{channel}/{locale}' },
  deleteTopic: { method: 'DELETE', path: '/topics/{key}' },
  deleteTranslations: { method: 'DELETE', path: '/translations/{locale}' },
  eraseSubscriber: { method: 'POST', path: '/subscribers/{id}/erase' },
  exportSubscriber: { method: 'GET', path: '/subscribers/{id}/export' },
  getEvent: { method: 'GET', path: '/events/{id}' },
  getEventType: { method: 'GET', path: '/event-types/{key}' },
  getHealth: { method: 'GET', path: '/health' },
  getLayout: { method: 'GET', path: '/layouts/{name}' },
  getMetrics: { method: 'GET', path: '/metrics' },
  getMyPreferences: { method: 'GET', path: '/me/preferences' },
  getNotification: { method: 'GET', path: '/notifications/{id}' },
  getPartial: { method: 'GET', path: '/partials/{name}' },
  getPreferenceDefaults: { method: 'GET', path: '/preference-defaults' },
  getPreferences: { method: 'GET', path: '/preferences/{subscriber_id}' },
  getProvider: { method: 'GET', path: '/providers/{id}' },
  getReadiness: { method: 'GET', path: '/health/ready', alsoAnswers: [503] },
  getSource: { method: 'GET', path: '/sources/{key}' },
  getStats: { method: 'GET', path: '/stats' },
  getSubscriber: { method: 'GET', path: '/subscribers/{id}' },
  getSubscription: { method: 'GET', path: '/subscribers/{id}/subscriptions/{event_type}' },
  getTemplate: { method: 'GET', path: '/templates/{event_type}/{channel}/{locale}' },
  getTemplateVersion: { method: 'GET', path: '/templates/{event_type}/{channel}/{locale}/versions/{version}' },
  getTopic: { method: 'GET', path: '/topics/{key}' },
  getTranslations: { method: 'GET', path: '/translations/{locale}' },
  listAllTranslations: { method: 'GET', path: '/translations', list: 'translations' },
  listEventTypeVersions: { method: 'GET', path: '/event-types/{key}/versions', list: 'versions' },
  listEventTypes: { method: 'GET', path: '/event-types', list: 'event_types' },
  listEvents: { method: 'GET', path: '/events', list: 'events' },
  listFeed: { method: 'GET', path: '/subscribers/{id}/notifications', list: 'notifications' },
  listKeys: { method: 'GET', path: '/keys', list: 'keys' },
  listLayoutVersions: { method: 'GET', path: '/layouts/{name}/versions', list: 'versions' },
  listLayouts: { method: 'GET', path: '/layouts', list: 'layouts' },
  listMembers: { method: 'GET', path: '/topics/{key}/members', list: 'members' },
  listNotifications: { method: 'GET', path: '/notifications', list: 'notifications' },
  listPartialVersions: { method: 'GET', path: '/partials/{name}/versions', list: 'versions' },
  listPartials: { method: 'GET', path: '/partials', list: 'partials' },
  listPreferenceChanges: { method: 'GET', path: '/preferences/{subscriber_id}/changes', list: 'changes' },
  listProviderKinds: { method: 'GET', path: '/provider-kinds' },
  listProviders: { method: 'GET', path: '/providers', list: 'providers' },
  listSandboxMessages: { method: 'GET', path: '/sandbox/messages', list: 'messages' },
  listSourceRequests: { method: 'GET', path: '/sources/{key}/requests', list: 'requests' },
  listSources: { method: 'GET', path: '/sources', list: 'sources' },
  listSubscribers: { method: 'GET', path: '/subscribers', list: 'subscribers' },
  listTemplateVersions: { method: 'GET', path: '/templates/{event_type}/{channel}/{locale}/versions', list: 'versions' },
  listTemplates: { method: 'GET', path: '/templates', list: 'templates' },
  listTopics: { method: 'GET', path: '/topics', list: 'topics' },
  listTranslationsVersions: { method: 'GET', path: '/translations/{locale}/versions', list: 'versions' },
  markRead: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/read' },
  markUnread: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/unread' },
  patchMyPreferences: { method: 'PATCH', path: '/me/preferences' },
  patchPreferences: { method: 'PATCH', path: '/preferences/{subscriber_id}' },
  patchProvider: { method: 'PATCH', path: '/providers/{id}' },
  patchSubscriber: { method: 'PATCH', path: '/subscribers/{id}' },
  previewTemplate: { method: 'POST', path: '/templates/preview' },
  putEventType: { method: 'PUT', path: '/event-types/{key}' },
  putLayout: { method: 'PUT', path: '/layouts/{name}' },
  putMembers: { method: 'PUT', path: '/topics/{key}/members' },
  putPartial: { method: 'PUT', path: '/partials/{name}' },
  putPreferenceDefaults: { method: 'PUT', path: '/preference-defaults' },
  putPreferences: { method: 'PUT', path: '/preferences' },
  putSource: { method: 'PUT', path: '/sources/{key}' },
  putSubscriber: { method: 'PUT', path: '/subscribers/{id}' },
  putSubscription: { method: 'PUT', path: '/subscribers/{id}/subscriptions/{event_type}' },
  putTemplate: { method: 'PUT', path: '/templates/{event_type}/{channel}/{locale}' },
  putTranslations: { method: 'PUT', path: '/translations/{locale}' },
  receiveWebhook: { method: 'POST', path: '/webhooks/{source}' },
  receiveWebhookOfWorkspace: { method: 'POST', path: '/webhooks/{workspace}/{source}' },
  removeMembers: { method: 'DELETE', path: '/topics/{key}/members' },
  replayEvent: { method: 'POST', path: '/events/{id}/replay' },
  replayEvents: { method: 'POST', path: '/events/replay' },
  restoreLayout: { method: 'POST', path: '/layouts/{name}/versions/{version}/restore' },
  restorePartial: { method: 'POST', path: '/partials/{name}/versions/{version}/restore' },
  restoreTemplate: { method: 'POST', path: '/templates/{event_type}/{channel}/{locale}/versions/{version}/restore' },
  restoreTranslations: { method: 'POST', path: '/translations/{locale}/versions/{version}/restore' },
  revokeKey: { method: 'DELETE', path: '/keys/{id}' },
  testProvider: { method: 'POST', path: '/providers/{id}/test' },
  testSource: { method: 'POST', path: '/sources/{key}/test' },
} as const

export type Operations = {
  /**
   * Add members to a topic
   *
   * Those who are members already stay.
   *
   * Scope: `subscribers:write`.
   */
  addMembers: {
    path: {
      /** A name of your choice, such as `product:42#watcher`. */
      key: string
    }
    body: {
      /** Ids, 1,000 at most. */
      subscribers: readonly string[]
    }
    answer: {
      key: string
      added: number
      removed: number
    }
  }
  /**
   * Create or change many subscribers
   *
   * Up to 1,000. Each is taken or refused by itself, and says so in `results`; those that are taken are stored together.
   *
   * Scope: `subscribers:write`.
   */
  bulkSubscribers: {
    body: {
      /** Subscribers as for PUT /subscribers/{id}, each with its `id`. */
      subscribers: readonly unknown[]
    }
    answer: {
      /** One for each subscriber, in the order they were given. */
      results: {
        id: string | null
        status: 'created' | 'updated' | 'refused'
        errors?: {
          pointer: string
          detail: string
        }[]
      }[]
      created: number
      updated: number
      refused: number
    }
  }
  /**
   * Stop what has not begun
   *
   * After the answer no attempt begins for this event, except the `in_flight` ones, which had begun already. `done` are the deliveries that had ended before.
   *
   * Scope: `events:write`.
   */
  cancelEvent: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      event_id: string
      message: string
      cancelled: number
      in_flight: number
      done: number
    }
  }
  /**
   * Stop a notification that has not begun
   *
   * Answered 200, nothing of it begins any more; `in_flight` are deliveries that had begun. 409 with the current status when nothing of it waits: an attempt that is `in_flight` then is the last one.
   *
   * Scope: `notifications:write`.
   */
  cancelNotification: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      message: string
      notification_id: string
      in_flight: number
    }
  }
  /**
   * Send a message to one person on one channel
   *
   * A `recipient_id` that is no known subscriber is taken as the address itself. With `Prefer: wait=N` (1 to 30 seconds) it answers when the work is done (200), or after N seconds with what is known by then (202). The work is done when the notification has ended; `notification` says how.
   *
   * Scope: `notifications:write`.
   */
  createChannelNotification: {
    path: {
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
    }
    body: {
      /** A subscriber, or the address. */
      recipient_id: string
      content: string
      subject?: string | undefined
      /** Critical goes first and cannot be muted. */
      level?: 'standard' | 'critical' | undefined
      /** Not before this moment (RFC 3339 with an offset). Without it: now. */
      scheduled_time?: string | Date | undefined
      /** No attempt begins at or after this moment. */
      expires_at?: string | Date | undefined
      /** Ties messages on one subject together. */
      thread_key?: string | undefined
    }
    answer: {
      status: 'success'
      notification_id: string
      message: string
      notification?: {
        id: string
        event_id: string
        type: string | null
        recipient_id: string
        /** Every way that led to this person. */
        reasons: {
          /** Named in the request or by the event type, a member of a topic, or named to be told otherwise. */
          kind: 'request' | 'event_type' | 'topic' | 'otherwise'
          topic: string | null
        }[]
        /** The first channel of the plan. */
        channel: string
        status: 'scheduled' | 'processing' | 'sent' | 'delivered' | 'failed' | 'cancelled' | 'skipped' | 'unknown'
        reason: string | null
        level: string
        /** The text: of the in-app part, else of the first delivery. */
        content: unknown
        attempt_count: number
        created_at: string
        scheduled_time: string | null
        finished_at: string | null
        read_at: string | null
      }
    }
  }
  /**
   * Say that something happened
   *
   * Answers once the event is on disk. Its people are found and told right after. With `Prefer: wait=N` (1 to 30 seconds) it answers when the work is done (200), or after N seconds with what is known by then (202). The work is done when its people are found; `event` says what became of it. CloudEvents 1.0 are taken in all their forms: structured, as a batch (answered as POST /events/batch answers), and binary (`ce-` headers and a JSON body). `source` and `id` make one happen once.
   *
   * Scope: `events:write`.
   */
  createEvent: {
    body: {
      /** A registered event type. */
      type: string
      /** What templates and audience read. */
      params?: Record<string, unknown> | undefined
      /** Who hears about it: subscriber ids, topics, or subscribers given in full. */
      to?: readonly (string | {
        topic: string
      } | {
        id: string
        email?: string | null | undefined
        phone?: string | null | undefined
        locale?: string | null | undefined
        timezone?: string | null | undefined
        data?: Record<string, unknown> | undefined
        addresses?: Record<string, unknown> | undefined
      })[] | undefined
      /** Critical goes first and cannot be muted. */
      level?: 'standard' | 'critical' | undefined
      /** Not before this moment (RFC 3339 with an offset). Without it: now. */
      scheduled_time?: string | Date | undefined
      /** No attempt begins at or after this moment. */
      expires_at?: string | Date | undefined
      /** Ties messages on one subject together. */
      thread_key?: string | undefined
    }
    answer: {
      status: 'success'
      event_id: string
      message: string
      event?: {
        id: string
        type: string | null
        type_version: number | null
        level: string
        audience: {
          /** A subscriber. */
          id?: string
          /** The members of a topic. */
          topic?: string
          /** Of nobody we know. */
          address?: string
          /** Who named it. */
          from: 'request' | 'event_type' | 'otherwise'
          /** How many people it led to; null while, or if, it was not looked at. */
          found: number | null
        }[]
        params: Record<string, unknown>
        /** A direct message: its channels and text. Null for an event. */
        message: unknown
        status: 'accepted' | 'processed' | 'no_audience' | 'cancelled' | 'failed'
        error: string | null
        recipient_count: number
        scheduled_time: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
        /** How many stand where; those that were forgotten are not counted. */
        notifications: Record<string, number>
        /** What code made of it that listens to it. */
        listeners: {
          name: string
          status: 'waiting' | 'running' | 'done' | 'failed'
          attempt_count: number
          /** Of the last attempt that failed. */
          error: string | null
          started_at: string | null
          finished_at: string | null
          /** Of the last attempt. */
          duration_ms: number | null
          /** When it is tried next. */
          next_at: string | null
        }[]
        /** Who was looked for and found, in words. */
        trace: {
          at: string
          step: string
          decision: string
          because: string
        }[]
      }
    }
  }
  /**
   * Say that many things happened
   *
   * A JSON array, or one event per line (application/x-ndjson); 1,000 at most. Each is accepted or refused by itself: `results` has one entry per event, in order. 422 if none was accepted. With `Prefer: wait=N` (1 to 30 seconds) it answers when the work is done (200), or after N seconds with what is known by then (202). The work is done when the people of all are found; `results` then say what became of each.
   *
   * Scope: `events:write`.
   */
  createEvents: {
    body: readonly unknown[]
    answer: {
      status: 'success' | 'partial'
      accepted: number
      refused: number
      results: unknown[]
    }
  }
  /**
   * Create an API key
   *
   * The key is in the answer and nowhere else. It can do no more than the key that makes it.
   *
   * Scope: `keys:write`.
   */
  createKey: {
    body: {
      /** What the key is for. */
      name: string
      scopes: readonly ('events:write' | 'events:read' | 'notifications:write' | 'notifications:read' | 'subscribers:write' | 'subscribers:read' | 'tokens:write' | 'config:write' | 'config:read' | 'keys:write' | 'keys:read' | 'operate:read' | 'operate:write' | '*')[]
      /** When it stops working; never without one. */
      expires_at?: string | Date | undefined
    }
    answer: {
      /** Names the key; it is not the key. */
      id: string
      name: string
      /** The last four characters. */
      hint: string
      scopes: string[]
      created_at: string
      last_used_at: string | null
      expires_at: string | null
      revoked_at: string | null
      /** The key itself. It is never shown again. */
      key: string
    }
  }
  /**
   * Send a message
   *
   * The text comes as `message`, or `subject` and `body`, or from a `template`. Answers once it is on disk. With `Prefer: wait=N` (1 to 30 seconds) it answers when the work is done (200), or after N seconds with what is known by then (202). The work is done when all its notifications have ended; `event` says how.
   *
   * Scope: `notifications:write`.
   */
  createNotification: {
    body: {
      /** Who hears about it: subscriber ids, topics, or subscribers given in full. */
      to: readonly (string | {
        topic: string
      } | {
        id: string
        email?: string | null | undefined
        phone?: string | null | undefined
        locale?: string | null | undefined
        timezone?: string | null | undefined
        data?: Record<string, unknown> | undefined
        addresses?: Record<string, unknown> | undefined
      })[]
      channels: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[]
      /** The text. The same as `body`. */
      message?: string | undefined
      subject?: string | undefined
      body?: string | undefined
      /** The event type whose templates give the text. */
      template?: string | undefined
      params?: Record<string, unknown> | undefined
      /** Critical goes first and cannot be muted. */
      level?: 'standard' | 'critical' | undefined
      /** Not before this moment (RFC 3339 with an offset). Without it: now. */
      scheduled_time?: string | Date | undefined
      /** No attempt begins at or after this moment. */
      expires_at?: string | Date | undefined
      /** Ties messages on one subject together. */
      thread_key?: string | undefined
    }
    answer: {
      status: 'success'
      notification_ids: string[]
      event_id: string
      message: string
      event?: {
        id: string
        type: string | null
        type_version: number | null
        level: string
        audience: {
          /** A subscriber. */
          id?: string
          /** The members of a topic. */
          topic?: string
          /** Of nobody we know. */
          address?: string
          /** Who named it. */
          from: 'request' | 'event_type' | 'otherwise'
          /** How many people it led to; null while, or if, it was not looked at. */
          found: number | null
        }[]
        params: Record<string, unknown>
        /** A direct message: its channels and text. Null for an event. */
        message: unknown
        status: 'accepted' | 'processed' | 'no_audience' | 'cancelled' | 'failed'
        error: string | null
        recipient_count: number
        scheduled_time: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
        /** How many stand where; those that were forgotten are not counted. */
        notifications: Record<string, number>
        /** What code made of it that listens to it. */
        listeners: {
          name: string
          status: 'waiting' | 'running' | 'done' | 'failed'
          attempt_count: number
          /** Of the last attempt that failed. */
          error: string | null
          started_at: string | null
          finished_at: string | null
          /** Of the last attempt. */
          duration_ms: number | null
          /** When it is tried next. */
          next_at: string | null
        }[]
        /** Who was looked for and found, in words. */
        trace: {
          at: string
          step: string
          decision: string
          because: string
        }[]
      }
    }
  }
  /**
   * Configure a provider
   *
   * From then on it carries its channel. POST /providers/{id}/test tries it out.
   *
   * Scope: `config:write`.
   */
  createProvider: {
    body: {
      channel: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      kind: string
      /** Yours, unique within the channel. */
      name: string
      /** The lowest one of a channel is used first. */
      priority?: number | undefined
      enabled?: boolean | undefined
      /** What this kind needs: GET /provider-kinds. */
      settings: Record<string, unknown>
    }
    answer: {
      /** The provider. */
      id: string
      channel: string
      kind: string
      name: string
      priority: number
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      created_at: string
      updated_at: string
    }
  }
  /**
   * Make a token for a subscriber
   *
   * A JWT that reaches only what is below `/me`, as this subscriber. Give it to the browser or app of the person, and a new one before it is over.
   *
   * Scope: `tokens:write`.
   */
  createSubscriberToken: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      /** a duration of at most 15m */
      expires_in?: string | undefined
    }
    answer: {
      /** For the browser or app of this one person. */
      token: string
      expires_at: string
    }
  }
  /**
   * Delete an event type
   *
   * New events of the type are refused. Events on their way go on, and what happened stays on record with its versions and templates. PUT brings it back with its next version.
   *
   * Scope: `config:write`.
   */
  deleteEventType: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      key: string
    }
    answer: undefined
  }
  /**
   * Delete a layout
   *
   * Not while templates use it. Its versions stay: any of them can be restored.
   *
   * Scope: `config:write`.
   */
  deleteLayout: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    answer: undefined
  }
  /**
   * Delete a partial
   *
   * Not while templates use it. Its versions stay: any of them can be restored.
   *
   * Scope: `config:write`.
   */
  deletePartial: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    answer: undefined
  }
  /**
   * Delete a provider
   *
   * What it sent stays on record. Its channel goes to the next provider, or the sandbox.
   *
   * Scope: `config:write`.
   */
  deleteProvider: {
    path: {
      /** The provider. */
      id: string
    }
    answer: undefined
  }
  /**
   * Forget what the sandbox caught
   *
   * Up to 10,000 messages at once.
   *
   * Scope: `operate:write`.
   */
  deleteSandboxMessages: {
    answer: {
      deleted: number
    }
  }
  /**
   * Delete a source
   *
   * Its webhooks are answered with 404 from then on. Events it made stay.
   *
   * Scope: `config:write`.
   */
  deleteSource: {
    path: {
      /** letters, digits and _ . - as in github or shop.alerts */
      key: string
    }
    answer: undefined
  }
  /**
   * Delete a subscriber
   *
   * With its addresses, and out of its topics. What was sent to it stays on record.
   *
   * Scope: `subscribers:write`.
   */
  deleteSubscriber: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    answer: undefined
  }
  /**
   * Unsubscribe from an event type
   *
   * What was received stays. Critical event types cannot be left.
   *
   * Scope: `subscribers:write`.
   */
  deleteSubscription: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
    }
    answer: {
      subscriber_id: string
      event_type: string
      /** Whether the person hears of it at all. */
      is_subscribed: boolean
      /** Critical: it cannot be left. */
      is_mandatory: boolean
      /** On which of its channels. */
      channels: Record<string, boolean>
    }
  }
  /**
   * Delete a template
   *
   * Its versions stay: any of them can be restored. Notifications on their way keep theirs.
   *
   * Scope: `config:write`.
   */
  deleteTemplate: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    answer: undefined
  }
  /**
   * Delete a topic
   *
   * Its members stay subscribers.
   *
   * Scope: `subscribers:write`.
   */
  deleteTopic: {
    path: {
      /** A name of your choice, such as `product:42#watcher`. */
      key: string
    }
    answer: undefined
  }
  /**
   * Delete the translations of a language
   *
   * Not while templates use it. Its versions stay: any of them can be restored.
   *
   * Scope: `config:write`.
   */
  deleteTranslations: {
    path: {
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    answer: undefined
  }
  /**
   * Forget a person
   *
   * After the answer nothing more is sent to them, and they are gone with their addresses, topics and preferences. Their notifications, texts and attempts, and the parameters of events that named them, go within minutes; answers kept for Idempotency-Key within two days.
   *
   * Scope: `subscribers:write`.
   */
  eraseSubscriber: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    answer: {
      status: 'success'
      message: string
    }
  }
  /**
   * Everything that is known of a person
   *
   * One JSON object a line (NDJSON), each with its `kind`: `subscriber`, `topic`, `preferences`, `preference_change`, and `notification` with its texts, deliveries and attempts, newest first.
   *
   * Scope: `subscribers:read`.
   */
  exportSubscriber: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    answer: string
  }
  /**
   * One event and how its notifications stand
   *
   * Scope: `events:read`.
   */
  getEvent: {
    path: {
      id: string
    }
    answer: {
      id: string
      type: string | null
      type_version: number | null
      level: string
      audience: {
        /** A subscriber. */
        id?: string
        /** The members of a topic. */
        topic?: string
        /** Of nobody we know. */
        address?: string
        /** Who named it. */
        from: 'request' | 'event_type' | 'otherwise'
        /** How many people it led to; null while, or if, it was not looked at. */
        found: number | null
      }[]
      params: Record<string, unknown>
      /** A direct message: its channels and text. Null for an event. */
      message: unknown
      status: 'accepted' | 'processed' | 'no_audience' | 'cancelled' | 'failed'
      error: string | null
      recipient_count: number
      scheduled_time: string | null
      expires_at: string | null
      thread_key: string | null
      /** The event of which this is a repetition. */
      replay_of: string | null
      created_at: string
      processed_at: string | null
      processing_ms: number | null
      cancelled_at: string | null
      /** How many stand where; those that were forgotten are not counted. */
      notifications: Record<string, number>
      /** What code made of it that listens to it. */
      listeners: {
        name: string
        status: 'waiting' | 'running' | 'done' | 'failed'
        attempt_count: number
        /** Of the last attempt that failed. */
        error: string | null
        started_at: string | null
        finished_at: string | null
        /** Of the last attempt. */
        duration_ms: number | null
        /** When it is tried next. */
        next_at: string | null
      }[]
      /** Who was looked for and found, in words. */
      trace: {
        at: string
        step: string
        decision: string
        because: string
      }[]
    }
  }
  /**
   * Show an event type
   *
   * Scope: `config:read`.
   */
  getEventType: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      key: string
    }
    answer: {
      key: string
      /** Grows by one with each change. */
      version: number
      name: string
      category: string | null
      level: string
      params: unknown
      audience: unknown[]
      otherwise: unknown[]
      channels: string[]
      opt_in: boolean
      retry: {
        attempts: number
        /** a duration such as 15s, 10m or 24h */
        delay: string
        backoff: 'fixed' | 'exponential'
      } | null
      retention: string
      fallback: {
        title: string
        body: string
      } | null
      /** What templates of the type do not fit it any more. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
      /** When this version was made. */
      created_at: string
    }
  }
  /**
   * Is the process alive
   *
   * Needs no key.
   */
  getHealth: {
    answer: {
      status: 'healthy'
      timestamp: string
    }
  }
  /**
   * Show a layout
   *
   * Scope: `config:read`.
   */
  getLayout: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    answer: {
      name: string
      /** Grows by one with each change. */
      version: number
      body: string | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Prometheus metrics
   *
   * Scope: `operate:read`.
   */
  getMetrics: {
    answer: string
  }
  /**
   * Show what I want to hear
   *
   * Needs a token of the subscriber.
   */
  getMyPreferences: {
    answer: {
      subscriber_id: string
      level: 'standard' | 'critical'
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        enabled?: boolean
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null
      timezone: string | null
      /** Null: nothing was ever said. */
      updated_at: string | null
      /** What it comes to for each event type, defaults included. */
      effective: {
        event_type: string
        name: string
        category: string | null
        /** Critical: it cannot be turned off. */
        is_mandatory: boolean
        /** Heard only by those who have subscribed to it. */
        is_opt_in: boolean
        channels: Record<string, {
          is_on: boolean
          /** What decides: the word or the default that is nearest. */
          rule: string
        }>
      }[]
    }
  }
  /**
   * The whole story of one notification
   *
   * Its deliveries with every attempt, the text as it was sent, and why it went as it did.
   *
   * Scope: `notifications:read`.
   */
  getNotification: {
    path: {
      id: string
    }
    answer: {
      id: string
      event_id: string
      type: string | null
      recipient_id: string
      /** Every way that led to this person. */
      reasons: {
        /** Named in the request or by the event type, a member of a topic, or named to be told otherwise. */
        kind: 'request' | 'event_type' | 'topic' | 'otherwise'
        topic: string | null
      }[]
      /** The first channel of the plan. */
      channel: string
      status: 'scheduled' | 'processing' | 'sent' | 'delivered' | 'failed' | 'cancelled' | 'skipped' | 'unknown'
      reason: string | null
      level: string
      /** The text: of the in-app part, else of the first delivery. */
      content: unknown
      attempt_count: number
      created_at: string
      scheduled_time: string | null
      finished_at: string | null
      read_at: string | null
      deliveries: {
        id: string
        channel: string
        provider: string | null
        /** Masked. */
        address: string | null
        status: 'scheduled' | 'processing' | 'sent' | 'delivered' | 'failed' | 'cancelled' | 'skipped' | 'unknown'
        reason: string | null
        content: unknown
        created_at: string
        next_attempt_at: string | null
        finished_at: string | null
        attempts: {
          number: number
          provider: string
          /** Null while it is under way. */
          outcome: string | null
          code: string | null
          detail: string | null
          worker: string | null
          started_at: string
          duration_ms: number | null
        }[]
      }[]
      trace: {
        at: string
        step: string
        decision: string
        because: string
      }[]
    }
  }
  /**
   * Show a partial
   *
   * Scope: `config:read`.
   */
  getPartial: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    answer: {
      name: string
      /** Grows by one with each change. */
      version: number
      body: string | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Show the default preferences
   *
   * Scope: `config:read`.
   */
  getPreferenceDefaults: {
    answer: {
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      updated_at: string | null
    }
  }
  /**
   * Show what a subscriber wants to hear
   *
   * Scope: `subscribers:read`.
   */
  getPreferences: {
    path: {
      /** The id you gave the subscriber. */
      subscriber_id: string
    }
    answer: {
      subscriber_id: string
      level: 'standard' | 'critical'
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        enabled?: boolean
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null
      timezone: string | null
      /** Null: nothing was ever said. */
      updated_at: string | null
      /** What it comes to for each event type, defaults included. */
      effective: {
        event_type: string
        name: string
        category: string | null
        /** Critical: it cannot be turned off. */
        is_mandatory: boolean
        /** Heard only by those who have subscribed to it. */
        is_opt_in: boolean
        channels: Record<string, {
          is_on: boolean
          /** What decides: the word or the default that is nearest. */
          rule: string
        }>
      }[]
    }
  }
  /**
   * Show a provider
   *
   * Scope: `config:read`.
   */
  getProvider: {
    path: {
      /** The provider. */
      id: string
    }
    answer: {
      /** The provider. */
      id: string
      channel: string
      kind: string
      name: string
      priority: number
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      created_at: string
      updated_at: string
    }
  }
  /**
   * Is it ready for requests
   *
   * Each check says what to do when it fails. 503 while the process is stopping.
   *
   * Needs no key.
   */
  getReadiness: {
    answer: {
      status: 'ready' | 'not_ready'
      checks: {
        name: string
        is_ok: boolean
        /** What to do about it. */
        hint?: string
      }[]
    }
  }
  /**
   * Show a source
   *
   * Scope: `config:read`.
   */
  getSource: {
    path: {
      /** letters, digits and _ . - as in github or shop.alerts */
      key: string
    }
    answer: {
      key: string
      /** Where its webhooks go. */
      path: string
      schema: unknown
      /** Without the secrets. */
      auth: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      event: Record<string, unknown>
      response: unknown
      created_at: string
      updated_at: string
    }
  }
  /**
   * What waits and what was delivered
   *
   * Scope: `operate:read`.
   */
  getStats: {
    answer: {
      at: string
      queues: {
        /** A channel, or `events` that wait to be fanned out. */
        queue: string
        waiting: number
        in_flight: number
        /** How long the oldest due job has waited; null when nothing is due. */
        oldest_due_age_seconds: number | null
      }[]
      last_hour: {
        channel: string
        status: string
        count: number
      }[]
      last_day: {
        channel: string
        status: string
        count: number
      }[]
    }
  }
  /**
   * Show a subscriber
   *
   * Scope: `subscribers:read`.
   */
  getSubscriber: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    answer: {
      id: string
      email: string | null
      phone: string | null
      locale: string | null
      timezone: string | null
      data: Record<string, unknown>
      addresses: Record<string, unknown>
      created_at: string
      updated_at: string
    }
  }
  /**
   * Show whether a subscriber hears of an event type
   *
   * Scope: `subscribers:read`.
   */
  getSubscription: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
    }
    answer: {
      subscriber_id: string
      event_type: string
      /** Whether the person hears of it at all. */
      is_subscribed: boolean
      /** Critical: it cannot be left. */
      is_mandatory: boolean
      /** On which of its channels. */
      channels: Record<string, boolean>
    }
  }
  /**
   * Show a template
   *
   * Scope: `config:read`.
   */
  getTemplate: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    answer: {
      event_type: string
      channel: string
      locale: string
      /** Grows by one with each change. */
      version: number
      /** Null: this version ended the template. */
      content: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What does not look right, although it is no reason to refuse it. */
      warnings?: {
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Show a version of a template
   *
   * Scope: `config:read`.
   */
  getTemplateVersion: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
      /** The number of a version. */
      version: number
    }
    answer: {
      event_type: string
      channel: string
      locale: string
      /** Grows by one with each change. */
      version: number
      /** Null: this version ended the template. */
      content: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What does not look right, although it is no reason to refuse it. */
      warnings?: {
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Show a topic and how many members it has
   *
   * Scope: `subscribers:read`.
   */
  getTopic: {
    path: {
      /** A name of your choice, such as `product:42#watcher`. */
      key: string
    }
    answer: {
      key: string
      created_at: string
      member_count: number
    }
  }
  /**
   * Show the translations of a language
   *
   * Scope: `config:read`.
   */
  getTranslations: {
    path: {
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    answer: {
      locale: string
      /** Grows by one with each change. */
      version: number
      messages: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * List translations
   *
   * Scope: `config:read`.
   */
  listAllTranslations: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      translations: {
        locale: string
        /** Grows by one with each change. */
        version: number
        messages: Record<string, unknown> | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What templates have wrong with it now. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the versions of an event type, newest first
   *
   * Scope: `config:read`.
   */
  listEventTypeVersions: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      key: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      versions: {
        key: string
        /** Grows by one with each change. */
        version: number
        name: string
        category: string | null
        level: string
        params: unknown
        audience: unknown[]
        otherwise: unknown[]
        channels: string[]
        opt_in: boolean
        retry: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | null
        retention: string
        fallback: {
          title: string
          body: string
        } | null
        /** What templates of the type do not fit it any more. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
        /** When this version was made. */
        created_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List event types
   *
   * Scope: `config:read`.
   */
  listEventTypes: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      event_types: {
        key: string
        /** Grows by one with each change. */
        version: number
        name: string
        category: string | null
        level: string
        params: unknown
        audience: unknown[]
        otherwise: unknown[]
        channels: string[]
        opt_in: boolean
        retry: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | null
        retention: string
        fallback: {
          title: string
          body: string
        } | null
        /** What templates of the type do not fit it any more. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
        /** When this version was made. */
        created_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List events, newest first
   *
   * Scope: `events:read`.
   */
  listEvents: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      type?: string | undefined
      status?: 'accepted' | 'processed' | 'no_audience' | 'cancelled' | 'failed' | undefined
      since?: string | Date | undefined
      until?: string | Date | undefined
    }
    answer: {
      events: {
        id: string
        type: string | null
        type_version: number | null
        level: string
        audience: {
          /** A subscriber. */
          id?: string
          /** The members of a topic. */
          topic?: string
          /** Of nobody we know. */
          address?: string
          /** Who named it. */
          from: 'request' | 'event_type' | 'otherwise'
          /** How many people it led to; null while, or if, it was not looked at. */
          found: number | null
        }[]
        params: Record<string, unknown>
        /** A direct message: its channels and text. Null for an event. */
        message: unknown
        status: 'accepted' | 'processed' | 'no_audience' | 'cancelled' | 'failed'
        error: string | null
        recipient_count: number
        scheduled_time: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * A subscriber's in-app feed, newest first
   *
   * Scope: `notifications:read`.
   */
  listFeed: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
    }
    answer: {
      notifications: {
        id: string
        event_id: string
        type: string | null
        level: string
        content: unknown
        created_at: string
        read_at: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List API keys, revoked ones included
   *
   * Scope: `keys:read`.
   */
  listKeys: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      keys: {
        /** Names the key; it is not the key. */
        id: string
        name: string
        /** The last four characters. */
        hint: string
        scopes: string[]
        created_at: string
        last_used_at: string | null
        expires_at: string | null
        revoked_at: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the versions of a layout, newest first
   *
   * Scope: `config:read`.
   */
  listLayoutVersions: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      versions: {
        name: string
        /** Grows by one with each change. */
        version: number
        body: string | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What templates have wrong with it now. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List layouts
   *
   * Scope: `config:read`.
   */
  listLayouts: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      layouts: {
        name: string
        /** Grows by one with each change. */
        version: number
        body: string | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What templates have wrong with it now. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the members of a topic
   *
   * Scope: `subscribers:read`.
   */
  listMembers: {
    path: {
      /** A name of your choice, such as `product:42#watcher`. */
      key: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      members: {
        subscriber_id: string
        /** Since when. */
        created_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List notifications, newest first
   *
   * `status=pending` means not finished: scheduled or processing.
   *
   * Scope: `notifications:read`.
   */
  listNotifications: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      /** scheduled, processing, sent, delivered, failed, cancelled, skipped, unknown, pending */
      status?: string | undefined
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      recipient_id?: string | undefined
      event_id?: string | undefined
      type?: string | undefined
      thread_key?: string | undefined
      since?: string | Date | undefined
      until?: string | Date | undefined
    }
    answer: {
      notifications: {
        id: string
        event_id: string
        type: string | null
        recipient_id: string
        /** Every way that led to this person. */
        reasons: {
          /** Named in the request or by the event type, a member of a topic, or named to be told otherwise. */
          kind: 'request' | 'event_type' | 'topic' | 'otherwise'
          topic: string | null
        }[]
        /** The first channel of the plan. */
        channel: string
        status: 'scheduled' | 'processing' | 'sent' | 'delivered' | 'failed' | 'cancelled' | 'skipped' | 'unknown'
        reason: string | null
        level: string
        /** The text: of the in-app part, else of the first delivery. */
        content: unknown
        attempt_count: number
        created_at: string
        scheduled_time: string | null
        finished_at: string | null
        read_at: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the versions of a partial, newest first
   *
   * Scope: `config:read`.
   */
  listPartialVersions: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      versions: {
        name: string
        /** Grows by one with each change. */
        version: number
        body: string | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What templates have wrong with it now. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List partials
   *
   * Scope: `config:read`.
   */
  listPartials: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      partials: {
        name: string
        /** Grows by one with each change. */
        version: number
        body: string | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What templates have wrong with it now. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List what a subscriber changed, newest first
   *
   * When, who it was, and each field before and after.
   *
   * Scope: `subscribers:read`.
   */
  listPreferenceChanges: {
    path: {
      /** The id you gave the subscriber. */
      subscriber_id: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      changes: {
        changed_at: string
        by: {
          kind: 'key' | 'subscriber' | 'unsubscribe_link' | 'preferences_link'
          /** The name of the key. */
          name: string | null
        }
        changes: {
          /** A JSON Pointer into the preferences. */
          field: string
          /** Null: nothing was said. */
          before: unknown
          after: unknown
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the kinds of providers and what they need
   *
   * Scope: `config:read`.
   */
  listProviderKinds: {
    answer: {
      provider_kinds: {
        kind: string
        title: string
        channels: string[]
        /** A JSON Schema. */
        settings: unknown
        /** Settings that are encrypted and never shown. */
        secrets: string[]
      }[]
      count: number
    }
  }
  /**
   * List providers
   *
   * Scope: `config:read`.
   */
  listProviders: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      channel?: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
    }
    answer: {
      providers: {
        /** The provider. */
        id: string
        channel: string
        kind: string
        name: string
        priority: number
        enabled: boolean
        /** Without the secrets. */
        settings: Record<string, unknown>
        /** The names of the secrets that are set. */
        secrets: string[]
        created_at: string
        updated_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List what the sandbox caught, newest first
   *
   * `Prefer: wait=N` (30 at most) waits up to N seconds for a message that fits, and answers an empty list when none came.
   *
   * Scope: `operate:read`.
   */
  listSandboxMessages: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      /** The address, exactly. */
      to?: string | undefined
      channel?: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      /** Caught then or later. */
      since?: string | Date | undefined
    }
    answer: {
      messages: {
        /** The message. */
        id: string
        /** GET /notifications/{id} tells its story. */
        notification_id: string
        /** The delivery. */
        delivery_id: string
        channel: string
        to: string
        content: Record<string, unknown>
        created_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List what a source got lately, newest first
   *
   * The last 100 it refused and the last 100 others, for three days, without signatures and passwords. What came within the last second to another process may be missing.
   *
   * Scope: `events:read`.
   */
  listSourceRequests: {
    path: {
      /** letters, digits and _ . - as in github or shop.alerts */
      key: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      outcome?: 'accepted' | 'repeated' | 'ignored' | 'refused' | undefined
    }
    answer: {
      requests: {
        id: number
        received_at: string
        outcome: 'accepted' | 'repeated' | 'ignored' | 'refused'
        /** What it was answered with. */
        status: number
        problem: {
          code: string
          detail: string
          errors: {
            pointer: string
            detail: string
          }[]
        } | null
        event_id: string | null
        /** Without credentials. */
        headers: Record<string, string>
        query: Record<string, unknown>
        /** Its first 8 kB. */
        body: string
        /** How long it was. */
        body_bytes: number
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List sources
   *
   * Scope: `config:read`.
   */
  listSources: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      sources: {
        key: string
        /** Where its webhooks go. */
        path: string
        schema: unknown
        /** Without the secrets. */
        auth: Record<string, unknown>
        /** The names of the secrets that are set. */
        secrets: string[]
        event: Record<string, unknown>
        response: unknown
        created_at: string
        updated_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List subscribers
   *
   * Scope: `subscribers:read`.
   */
  listSubscribers: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      subscribers: {
        id: string
        email: string | null
        phone: string | null
        locale: string | null
        timezone: string | null
        data: Record<string, unknown>
        addresses: Record<string, unknown>
        created_at: string
        updated_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the versions of a template, newest first
   *
   * Scope: `config:read`.
   */
  listTemplateVersions: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      versions: {
        event_type: string
        channel: string
        locale: string
        /** Grows by one with each change. */
        version: number
        /** Null: this version ended the template. */
        content: Record<string, unknown> | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What does not look right, although it is no reason to refuse it. */
        warnings?: {
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List templates
   *
   * Scope: `config:read`.
   */
  listTemplates: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      /** letters, digits and _ . : - as in order.shipped */
      event_type?: string | undefined
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
    }
    answer: {
      templates: {
        event_type: string
        channel: string
        locale: string
        /** Grows by one with each change. */
        version: number
        /** Null: this version ended the template. */
        content: Record<string, unknown> | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What does not look right, although it is no reason to refuse it. */
        warnings?: {
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List topics
   *
   * Scope: `subscribers:read`.
   */
  listTopics: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      topics: {
        key: string
        created_at: string
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List the versions of the translations of a language, newest first
   *
   * Scope: `config:read`.
   */
  listTranslationsVersions: {
    path: {
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      versions: {
        locale: string
        /** Grows by one with each change. */
        version: number
        messages: Record<string, unknown> | null
        /** The name of the key that made this version. */
        author: string
        /** When this version was made. */
        created_at: string
        /** What templates have wrong with it now. Only in the answer to a change. */
        warnings?: {
          template: string
          pointer: string
          detail: string
        }[]
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * Mark a notification of the feed as read
   *
   * The first time it was read is kept.
   *
   * Scope: `notifications:write`.
   */
  markRead: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      notification_id: string
    }
    answer: {
      id: string
      read_at: string | null
    }
  }
  /**
   * Mark a notification of the feed as unread
   *
   * As if it had never been read.
   *
   * Scope: `notifications:write`.
   */
  markUnread: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      notification_id: string
    }
    answer: {
      id: string
      read_at: string | null
    }
  }
  /**
   * Change what I want to hear
   *
   * Fields that are absent stay as they are, at every depth; null removes, so that the default holds again. What is critical cannot be turned off.
   *
   * Needs a token of the subscriber.
   */
  patchMyPreferences: {
    body: {
      /** standard: everything. critical: only critical events. */
      level?: 'standard' | 'critical' | null | undefined
      channels?: {
        /** true, false, or null to say nothing about it */
        in_app?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        email?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        sms?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        push?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        telegram?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        slack?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        discord?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        teams?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        webhook?: boolean | null | undefined
      } | undefined
      categories?: Record<string, {
        /** true, false, or null to say nothing about it */
        in_app?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        email?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        sms?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        push?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        telegram?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        slack?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        discord?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        teams?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        webhook?: boolean | null | undefined
      } | null> | undefined
      event_types?: Record<string, {
        /** true, false, or null to say nothing about it */
        enabled?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        in_app?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        email?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        sms?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        push?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        telegram?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        slack?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        discord?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        teams?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        webhook?: boolean | null | undefined
      } | null> | undefined
      /** {"start", "end"} as times of day, or null for none */
      quiet_hours?: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null | undefined
      /** an IANA name such as Europe/Lisbon; kept on the subscriber */
      timezone?: string | null | undefined
    }
    answer: {
      subscriber_id: string
      level: 'standard' | 'critical'
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        enabled?: boolean
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null
      timezone: string | null
      /** Null: nothing was ever said. */
      updated_at: string | null
      /** What it comes to for each event type, defaults included. */
      effective: {
        event_type: string
        name: string
        category: string | null
        /** Critical: it cannot be turned off. */
        is_mandatory: boolean
        /** Heard only by those who have subscribed to it. */
        is_opt_in: boolean
        channels: Record<string, {
          is_on: boolean
          /** What decides: the word or the default that is nearest. */
          rule: string
        }>
      }[]
    }
  }
  /**
   * Change what a subscriber wants to hear
   *
   * Fields that are absent stay as they are, at every depth; null removes, so that the default holds again. What is critical cannot be turned off. Once this is answered it holds for everything that has not begun, whatever was planned before.
   *
   * Scope: `subscribers:write`.
   */
  patchPreferences: {
    path: {
      /** The id you gave the subscriber. */
      subscriber_id: string
    }
    body: {
      /** standard: everything. critical: only critical events. */
      level?: 'standard' | 'critical' | null | undefined
      channels?: {
        /** true, false, or null to say nothing about it */
        in_app?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        email?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        sms?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        push?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        telegram?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        slack?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        discord?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        teams?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        webhook?: boolean | null | undefined
      } | undefined
      categories?: Record<string, {
        /** true, false, or null to say nothing about it */
        in_app?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        email?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        sms?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        push?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        telegram?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        slack?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        discord?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        teams?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        webhook?: boolean | null | undefined
      } | null> | undefined
      event_types?: Record<string, {
        /** true, false, or null to say nothing about it */
        enabled?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        in_app?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        email?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        sms?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        push?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        telegram?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        slack?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        discord?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        teams?: boolean | null | undefined
        /** true, false, or null to say nothing about it */
        webhook?: boolean | null | undefined
      } | null> | undefined
      /** {"start", "end"} as times of day, or null for none */
      quiet_hours?: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null | undefined
      /** an IANA name such as Europe/Lisbon; kept on the subscriber */
      timezone?: string | null | undefined
    }
    answer: {
      subscriber_id: string
      level: 'standard' | 'critical'
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        enabled?: boolean
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null
      timezone: string | null
      /** Null: nothing was ever said. */
      updated_at: string | null
      /** What it comes to for each event type, defaults included. */
      effective: {
        event_type: string
        name: string
        category: string | null
        /** Critical: it cannot be turned off. */
        is_mandatory: boolean
        /** Heard only by those who have subscribed to it. */
        is_opt_in: boolean
        channels: Record<string, {
          is_on: boolean
          /** What decides: the word or the default that is nearest. */
          rule: string
        }>
      }[]
    }
  }
  /**
   * Change a provider
   *
   * Settings that are absent stay, secrets too; null removes. When the change leads elsewhere (a url, a host), secrets must be given again. Attempts under way end as they began.
   *
   * Scope: `config:write`.
   */
  patchProvider: {
    path: {
      /** The provider. */
      id: string
    }
    body: {
      /** Yours, unique within the channel. */
      name?: string | undefined
      /** The lowest one of a channel is used first. */
      priority?: number | undefined
      enabled?: boolean | undefined
      /** What this kind needs: GET /provider-kinds. */
      settings?: Record<string, unknown> | undefined
    }
    answer: {
      /** The provider. */
      id: string
      channel: string
      kind: string
      name: string
      priority: number
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      created_at: string
      updated_at: string
    }
  }
  /**
   * Change a subscriber that exists
   *
   * As PUT, but it does not create one.
   *
   * Scope: `subscribers:write`.
   */
  patchSubscriber: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      /** One address, such as ana@example.com. null removes it. */
      email?: string | null | undefined
      /** With the country: +12025550123. Kept as E.164. null removes it. */
      phone?: string | null | undefined
      /** A BCP 47 tag: pt-BR. null removes it. */
      locale?: string | null | undefined
      /** An IANA name: Europe/Lisbon. null removes it. */
      timezone?: string | null | undefined
      /** Anything templates may want to say: `{{ subscriber.data.name }}`. */
      data?: Record<string, unknown> | undefined
      /** Addresses on other channels; the ones given are replaced. */
      addresses?: {
        /** a text, or null to remove it */
        telegram?: string | null | undefined
        /** a text, or null to remove it */
        slack?: string | null | undefined
        /** a text, or null to remove it */
        discord?: string | null | undefined
        /** a text, or null to remove it */
        teams?: string | null | undefined
        /** a text, or null to remove it */
        webhook?: string | null | undefined
        /** a list of devices {"kind", "token"}, or null to remove them */
        push?: readonly {
          kind: 'fcm' | 'apns' | 'web'
          /** A text; for web push the subscription. */
          token: unknown
        }[] | null | undefined
      } | undefined
    }
    answer: {
      id: string
      email: string | null
      phone: string | null
      locale: string | null
      timezone: string | null
      data: Record<string, unknown>
      addresses: Record<string, unknown>
      created_at: string
      updated_at: string
    }
  }
  /**
   * Preview a template
   *
   * Renders it with the limits it will have. With `event_type` it is checked against what that declares.
   *
   * Scope: `config:read`.
   */
  previewTemplate: {
    body: {
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** in_app, push: `title`, `body`, `url`? · email: `subject`, `body` (Markdown, or HTML if it begins with <), `text`?, `preheader`? · webhook: `body`, any JSON with Liquid in its texts · others: `body`. */
      template: Record<string, unknown>
      /** letters, digits and _ . : - as in order.shipped */
      event_type?: string | undefined
      /** The language of the reader. */
      locale?: string | undefined
      /** Without them, examples are made for the schema of the event type. */
      params?: Record<string, unknown> | undefined
      /** As templates see it: `id`, `locale`, `timezone`, `data`, `email`, `phone`. */
      subscriber?: Record<string, unknown> | undefined
    }
    answer: {
      /** As it would be sent. */
      rendered: Record<string, unknown>
      /** What the template reads. */
      variables: string[]
      sms?: {
        /** GSM-7, or UCS-2 if one character needs it. */
        encoding: string
        units: number
        /** How many SMS it is. */
        segments: number
        /** The first character that needs UCS-2. */
        because: string | null
      }
      /** What does not look right, although it is no reason to refuse it. */
      warnings: {
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Create or change an event type
   *
   * The whole definition: what is left out gets its default. A change makes a new version; events on their way keep theirs. The same definition again changes nothing.
   *
   * Scope: `config:write`.
   */
  putEventType: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      key: string
    }
    body: {
      /** For people. The key without one. */
      name?: string | undefined
      /** a name that groups event types, or null */
      category?: string | null | undefined
      /** standard, critical, or Liquid over the parameters that prints one of them. */
      level?: string | undefined
      /** a JSON Schema (2020-12) that the parameters must fit, or null */
      params?: Record<string, unknown> | null | undefined
      /** Who hears about it. Empty: each event says it in `to`. */
      audience?: readonly (string | {
        /** A topic, or Liquid over the parameters. */
        topic: string
      })[] | undefined
      /** Who hears about it when the audience, and `to` of the event, find nobody. */
      otherwise?: readonly (string | {
        /** A topic, or Liquid over the parameters. */
        topic: string
      })[] | undefined
      channels: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[]
      /** Only those hear about it who have subscribed to it. */
      opt_in?: boolean | undefined
      /** how often and how fast failed deliveries are tried again, or null for the usual */
      retry?: {
        attempts: number
        /** a duration such as 15s, 10m or 24h */
        delay: string
        backoff: 'fixed' | 'exponential'
      } | null | undefined
      /** a duration such as 72h or 30d: how long notifications and their texts are kept once they have ended; left out: what BELFRY_RETENTION says now */
      retention?: string | undefined
      /** what people read instead of a text that cannot be written: {"title", "body"}, or null for the usual words */
      fallback?: {
        title: string
        body: string
      } | null | undefined
    }
    answer: {
      key: string
      /** Grows by one with each change. */
      version: number
      name: string
      category: string | null
      level: string
      params: unknown
      audience: unknown[]
      otherwise: unknown[]
      channels: string[]
      opt_in: boolean
      retry: {
        attempts: number
        /** a duration such as 15s, 10m or 24h */
        delay: string
        backoff: 'fixed' | 'exponential'
      } | null
      retention: string
      fallback: {
        title: string
        body: string
      } | null
      /** What templates of the type do not fit it any more. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
      /** When this version was made. */
      created_at: string
    }
  }
  /**
   * Create or change a layout
   *
   * HTML around e-mails: `{{ content }}` is where their text goes. An e-mail chooses one by beginning with `{% layout "name" %}`; the one called `default` is around all Markdown e-mails that do not. A change makes a new version; notifications on their way keep theirs.
   *
   * Scope: `config:write`.
   */
  putLayout: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    body: {
      body: string
    }
    answer: {
      name: string
      /** Grows by one with each change. */
      version: number
      body: string | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Replace the members of a topic
   *
   * Afterwards it has exactly these: at once, for whoever looks.
   *
   * Scope: `subscribers:write`.
   */
  putMembers: {
    path: {
      /** A name of your choice, such as `product:42#watcher`. */
      key: string
    }
    body: {
      /** Ids, 100,000 at most. */
      subscribers: readonly string[]
    }
    answer: {
      key: string
      added: number
      removed: number
    }
  }
  /**
   * Create or change a partial
   *
   * A piece of a text: templates, layouts and partials contain it by `{% render "name" %}`. A change makes a new version; notifications on their way keep theirs.
   *
   * Scope: `config:write`.
   */
  putPartial: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
    }
    body: {
      body: string
    }
    answer: {
      name: string
      /** Grows by one with each change. */
      version: number
      body: string | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Set the default preferences
   *
   * What holds for everybody who has said nothing about it: the event type before its category, the category before the channel. What is left out is on. Once this is answered it holds for everything that has not begun, whatever was planned before.
   *
   * Scope: `config:write`.
   */
  putPreferenceDefaults: {
    body: {
      channels?: {
        in_app?: boolean | undefined
        email?: boolean | undefined
        sms?: boolean | undefined
        push?: boolean | undefined
        telegram?: boolean | undefined
        slack?: boolean | undefined
        discord?: boolean | undefined
        teams?: boolean | undefined
        webhook?: boolean | undefined
      } | undefined
      categories?: Record<string, {
        in_app?: boolean | undefined
        email?: boolean | undefined
        sms?: boolean | undefined
        push?: boolean | undefined
        telegram?: boolean | undefined
        slack?: boolean | undefined
        discord?: boolean | undefined
        teams?: boolean | undefined
        webhook?: boolean | undefined
      }> | undefined
      event_types?: Record<string, {
        in_app?: boolean | undefined
        email?: boolean | undefined
        sms?: boolean | undefined
        push?: boolean | undefined
        telegram?: boolean | undefined
        slack?: boolean | undefined
        discord?: boolean | undefined
        teams?: boolean | undefined
        webhook?: boolean | undefined
      }> | undefined
    }
    answer: {
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      updated_at: string | null
    }
  }
  /**
   * Set the level of a subscriber
   *
   * The level in any case; everything else the person has said stays. Once this is answered it holds for everything that has not begun, whatever was planned before.
   *
   * Scope: `subscribers:write`.
   */
  putPreferences: {
    body: {
      /** The id of the subscriber. */
      user_id: string
      /** STANDARD: everything. CRITICAL: only critical events. */
      level: string
    }
    answer: {
      user_id: string
      subscriber_id: string
      level: 'standard' | 'critical'
      channels: {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }
      categories: Record<string, {
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      event_types: Record<string, {
        enabled?: boolean
        in_app?: boolean
        email?: boolean
        sms?: boolean
        push?: boolean
        telegram?: boolean
        slack?: boolean
        discord?: boolean
        teams?: boolean
        webhook?: boolean
      }>
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night */
        end: string
      } | null
      timezone: string | null
      /** Null: nothing was ever said. */
      updated_at: string | null
      /** What it comes to for each event type, defaults included. */
      effective: {
        event_type: string
        name: string
        category: string | null
        /** Critical: it cannot be turned off. */
        is_mandatory: boolean
        /** Heard only by those who have subscribed to it. */
        is_opt_in: boolean
        channels: Record<string, {
          is_on: boolean
          /** What decides: the word or the default that is nearest. */
          rule: string
        }>
      }[]
    }
  }
  /**
   * Create or change a source
   *
   * The whole definition: what is left out gets its default, except secrets, which stay while the kind of authentication stays. POST /sources/{key}/test tries it out.
   *
   * Scope: `config:write`.
   */
  putSource: {
    path: {
      /** letters, digits and _ . - as in github or shop.alerts */
      key: string
    }
    body: {
      /** a JSON Schema (2020-12) that bodies must fit, or null */
      schema?: Record<string, unknown> | null | undefined
      /** none · key: a Belfry key with events:write (`header`?) · basic: `username`, `password` · standard_webhooks: `secret` (whsec_…) · hmac: `secret`, `header`, `algorithm`? (sha256), `encoding`? (hex), `prefix`?, `signed`? ({body}), `timestamp`? */
      auth: {
        kind: 'none' | 'key' | 'basic' | 'standard_webhooks' | 'hmac'
        /** a header */
        header?: string | null | undefined
        username?: string | undefined
        /** Encrypted, never shown. Left out of a change it stays as it was. */
        password?: string | undefined
        /** Encrypted, never shown. Left out of a change it stays as it was. */
        secret?: string | undefined
        /** also good, while the sender changes to a new secret; null removes it */
        previous_secret?: string | null | undefined
        algorithm?: 'sha256' | 'sha1' | 'sha512' | undefined
        encoding?: 'hex' | 'base64' | undefined
        /** In front of the signature: sha256=. Of a list, only what begins with it counts. */
        prefix?: string | undefined
        /** What is signed: {body}, or for example {timestamp}.{body} */
        signed?: string | undefined
        /** {"header": …, "prefix": …} or null */
        timestamp?: {
          /** Where the time of signing stands, in seconds. */
          header: string
          prefix?: string | undefined
        } | null | undefined
      }
      event: {
        /** An event type, or Liquid: github.{{ headers.x-github-event }} */
        type: string
        /** by name: a JSON Pointer into the body (/order/id), or any JSON with Liquid in its texts; null: the body itself */
        params?: Record<string, unknown> | null | undefined
        /** Who hears about it, besides those whom the event type names. */
        to?: readonly (string | {
          /** A topic, or Liquid. */
          topic: string
        } | {
          /** A subscriber given in full, Liquid in every text. */
          id: string
          [name: string]: unknown
        })[] | undefined
        /** comes out as false or empty: there is no event, and that is fine */
        when?: string | null | undefined
        /** the same key twice is the same event; kept for two days */
        dedupe_key?: string | null | undefined
        /** standard, critical, or Liquid that comes out as one of them */
        level?: string | null | undefined
        /** ties messages on one subject together */
        thread_key?: string | null | undefined
        /** not before this moment */
        scheduled_time?: string | null | undefined
        /** no attempt begins at or after this moment */
        expires_at?: string | null | undefined
        /** true, or the JSON Pointer to blame: refuse what nobody would hear about at this moment */
        require_audience?: boolean | string | undefined
      }
      /** {"status", "body"}; null: 202 with the id of the event */
      response?: {
        status?: number | undefined
        /** Any JSON with Liquid in its texts. */
        body?: unknown | undefined
      } | null | undefined
    }
    answer: {
      key: string
      /** Where its webhooks go. */
      path: string
      schema: unknown
      /** Without the secrets. */
      auth: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      event: Record<string, unknown>
      response: unknown
      created_at: string
      updated_at: string
    }
  }
  /**
   * Create or change a subscriber
   *
   * Fields that are absent stay as they are; null removes.
   *
   * Scope: `subscribers:write`.
   */
  putSubscriber: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      /** One address, such as ana@example.com. null removes it. */
      email?: string | null | undefined
      /** With the country: +12025550123. Kept as E.164. null removes it. */
      phone?: string | null | undefined
      /** A BCP 47 tag: pt-BR. null removes it. */
      locale?: string | null | undefined
      /** An IANA name: Europe/Lisbon. null removes it. */
      timezone?: string | null | undefined
      /** Anything templates may want to say: `{{ subscriber.data.name }}`. */
      data?: Record<string, unknown> | undefined
      /** Addresses on other channels; the ones given are replaced. */
      addresses?: {
        /** a text, or null to remove it */
        telegram?: string | null | undefined
        /** a text, or null to remove it */
        slack?: string | null | undefined
        /** a text, or null to remove it */
        discord?: string | null | undefined
        /** a text, or null to remove it */
        teams?: string | null | undefined
        /** a text, or null to remove it */
        webhook?: string | null | undefined
        /** a list of devices {"kind", "token"}, or null to remove them */
        push?: readonly {
          kind: 'fcm' | 'apns' | 'web'
          /** A text; for web push the subscription. */
          token: unknown
        }[] | null | undefined
      } | undefined
    }
    answer: {
      id: string
      email: string | null
      phone: string | null
      locale: string | null
      timezone: string | null
      data: Record<string, unknown>
      addresses: Record<string, unknown>
      created_at: string
      updated_at: string
    }
  }
  /**
   * Subscribe to an event type
   *
   * Needed for event types with `opt_in`; undoes an unsubscription of any other. Channels that were turned off stay off.
   *
   * Scope: `subscribers:write`.
   */
  putSubscription: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
    }
    answer: {
      subscriber_id: string
      event_type: string
      /** Whether the person hears of it at all. */
      is_subscribed: boolean
      /** Critical: it cannot be left. */
      is_mandatory: boolean
      /** On which of its channels. */
      channels: Record<string, boolean>
    }
  }
  /**
   * Create or change a template
   *
   * A change makes a new version; notifications on their way keep theirs. The same content again changes nothing. What does not parse, or names parameters that the event type does not declare, is refused with its place.
   *
   * Scope: `config:write`.
   */
  putTemplate: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    body: Record<string, unknown>
    answer: {
      event_type: string
      channel: string
      locale: string
      /** Grows by one with each change. */
      version: number
      /** Null: this version ended the template. */
      content: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What does not look right, although it is no reason to refuse it. */
      warnings?: {
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Create or change the translations of a language
   *
   * Messages that templates ask for by their key: `{{ "parcels" | t: count: 3 }}`. A change makes a new version; notifications on their way keep theirs.
   *
   * Scope: `config:write`.
   */
  putTranslations: {
    path: {
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
    }
    body: {
      /** ICU messages by key. Members of members are joined with a dot: {"order": {"shipped": …}} is `order.shipped`. */
      messages: Record<string, unknown>
    }
    answer: {
      locale: string
      /** Grows by one with each change. */
      version: number
      messages: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Send a webhook to a source
   *
   * The source decides what it takes, from whom, and what it answers: 202 with the id of the event unless it says otherwise. The same one again: 200 and the first answer.
   *
   * Needs no key.
   */
  receiveWebhook: {
    path: {
      /** letters, digits and _ . - as in github or shop.alerts */
      source: string
    }
    body: unknown
    answer: Record<string, unknown> | unknown[] | string | number | boolean | null
  }
  /**
   * Send a webhook to a source
   *
   * The source decides what it takes, from whom, and what it answers: 202 with the id of the event unless it says otherwise. The same one again: 200 and the first answer.
   *
   * Needs no key.
   */
  receiveWebhookOfWorkspace: {
    path: {
      workspace: string
      /** letters, digits and _ . - as in github or shop.alerts */
      source: string
    }
    body: unknown
    answer: Record<string, unknown> | unknown[] | string | number | boolean | null
  }
  /**
   * Remove members from a topic
   *
   * Ids that are no members are passed over.
   *
   * Scope: `subscribers:write`.
   */
  removeMembers: {
    path: {
      /** A name of your choice, such as `product:42#watcher`. */
      key: string
    }
    body: {
      /** Ids, 1,000 at most. */
      subscribers: readonly string[]
    }
    answer: {
      key: string
      added: number
      removed: number
    }
  }
  /**
   * Say again that something happened
   *
   * A replay is a new event with the parameters of its original (`replay_of`), by the event type and the templates of today; its audience is found anew. **Whoever has a notification of the original gets another one.** It is sent at once, whatever the original was scheduled for, and after everything else that waits.
   *
   * What was cancelled, or is still being processed, cannot be replayed (409). With `Prefer: wait=N` (1 to 30 seconds) it answers when the work is done (200), or after N seconds with what is known by then (202). The work is done when its people are found.
   *
   * Scope: `events:write`.
   */
  replayEvent: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      /** The new event. */
      event_id: string
      /** The original. */
      replay_of: string
      message: string
      event?: {
        id: string
        type: string | null
        type_version: number | null
        level: string
        audience: {
          /** A subscriber. */
          id?: string
          /** The members of a topic. */
          topic?: string
          /** Of nobody we know. */
          address?: string
          /** Who named it. */
          from: 'request' | 'event_type' | 'otherwise'
          /** How many people it led to; null while, or if, it was not looked at. */
          found: number | null
        }[]
        params: Record<string, unknown>
        /** A direct message: its channels and text. Null for an event. */
        message: unknown
        status: 'accepted' | 'processed' | 'no_audience' | 'cancelled' | 'failed'
        error: string | null
        recipient_count: number
        scheduled_time: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
        /** How many stand where; those that were forgotten are not counted. */
        notifications: Record<string, number>
        /** What code made of it that listens to it. */
        listeners: {
          name: string
          status: 'waiting' | 'running' | 'done' | 'failed'
          attempt_count: number
          /** Of the last attempt that failed. */
          error: string | null
          started_at: string | null
          finished_at: string | null
          /** Of the last attempt. */
          duration_ms: number | null
          /** When it is tried next. */
          next_at: string | null
        }[]
        /** Who was looked for and found, in words. */
        trace: {
          at: string
          step: string
          decision: string
          because: string
        }[]
      }
    }
  }
  /**
   * Say again what happened in a time
   *
   * A replay is a new event with the parameters of its original (`replay_of`), by the event type and the templates of today; its audience is found anew. **Whoever has a notification of the original gets another one.** It is sent at once, whatever the original was scheduled for, and after everything else that waits.
   *
   * Oldest first, up to `limit` at once, all of them or none. Left out: what was cancelled, what is still being processed, replays themselves, and what would be refused today (`refused`). Without an Idempotency-Key a repeated request replays everything once more.
   *
   * Scope: `events:write`.
   */
  replayEvents: {
    body: {
      type?: string | undefined
      status?: 'processed' | 'no_audience' | 'failed' | undefined
      /** Accepted then or later. */
      since: string | Date
      /** Accepted before. */
      until: string | Date
      /** Go on behind this event: `next_after` of the answer before. */
      after?: string | undefined
      limit?: number | undefined
      /** Only count: nothing is stored. Do this first. */
      dry_run?: boolean | undefined
    }
    answer: {
      status: 'success'
      message: string
      dry_run: boolean
      /** Events of the range that may be replayed. */
      matched: number
      /** New events; in a dry run, how many there would be. */
      replayed: number
      /** Those that would be refused today. */
      refused: number
      /** The first of them, and why. */
      refusals: {
        event_id: string
        code: 'malformed_request' | 'invalid_json' | 'invalid_payload' | 'invalid_cursor' | 'invalid_idempotency_key' | 'unknown_level' | 'unauthenticated' | 'not_authentic' | 'insufficient_scope' | 'not_found' | 'method_not_allowed' | 'wrong_status' | 'idempotency_in_progress' | 'dedupe_key_reused' | 'already_exists' | 'payload_too_large' | 'unsupported_media_type' | 'invalid_request' | 'idempotency_key_reused' | 'unknown_event_type' | 'invalid_params' | 'unknown_recipient' | 'no_recipients' | 'invalid_template' | 'invalid_schema' | 'invalid_provider_settings' | 'cannot_be_muted' | 'rate_limited' | 'internal_error' | 'overloaded' | 'unavailable'
        detail: string
      }[]
      /** There may be more: send it as `after`. Null when the range is done. */
      next_after: string | null
    }
  }
  /**
   * Restore a version of a layout
   *
   * Its content becomes the newest version. Nothing is lost: the versions after it stay.
   *
   * Scope: `config:write`.
   */
  restoreLayout: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
      /** The number of a version. */
      version: number
    }
    answer: {
      name: string
      /** Grows by one with each change. */
      version: number
      body: string | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Restore a version of a partial
   *
   * Its content becomes the newest version. Nothing is lost: the versions after it stay.
   *
   * Scope: `config:write`.
   */
  restorePartial: {
    path: {
      /** lower-case letters, digits, _ and - */
      name: string
      /** The number of a version. */
      version: number
    }
    answer: {
      name: string
      /** Grows by one with each change. */
      version: number
      body: string | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Restore a version of a template
   *
   * Its content becomes the newest version, if it still fits the event type. Nothing is lost: the versions after it stay.
   *
   * Scope: `config:write`.
   */
  restoreTemplate: {
    path: {
      /** letters, digits and _ . : - as in order.shipped */
      event_type: string
      channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
      /** The number of a version. */
      version: number
    }
    answer: {
      event_type: string
      channel: string
      locale: string
      /** Grows by one with each change. */
      version: number
      /** Null: this version ended the template. */
      content: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What does not look right, although it is no reason to refuse it. */
      warnings?: {
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Restore a version of the translations of a language
   *
   * Its content becomes the newest version. Nothing is lost: the versions after it stay.
   *
   * Scope: `config:write`.
   */
  restoreTranslations: {
    path: {
      /** A BCP 47 tag such as pt-BR, or `default`. */
      locale: string
      /** The number of a version. */
      version: number
    }
    answer: {
      locale: string
      /** Grows by one with each change. */
      version: number
      messages: Record<string, unknown> | null
      /** The name of the key that made this version. */
      author: string
      /** When this version was made. */
      created_at: string
      /** What templates have wrong with it now. Only in the answer to a change. */
      warnings?: {
        template: string
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Revoke an API key
   *
   * At once, everywhere. It stays in the list. A key cannot revoke itself.
   *
   * Scope: `keys:write`.
   */
  revokeKey: {
    path: {
      /** The id of the key. */
      id: string
    }
    answer: undefined
  }
  /**
   * Try a provider out
   *
   * Checks credentials and reachability; with `to` it sends one real message there. 10 a minute.
   *
   * Scope: `config:write`.
   */
  testProvider: {
    path: {
      /** The provider. */
      id: string
    }
    body: {
      /** Where one real message is sent. */
      to?: string | undefined
    } | null
    answer: {
      /** Null when nothing was tried. */
      is_ok: boolean | null
      /** As of an attempt: sent, delivered, retry, failed, gone, ambiguous. Or `unchecked`: this kind can only be tried with a message, so nothing was sent. */
      outcome: string
      code: string | null
      detail: string | null
      duration_ms: number
    }
  }
  /**
   * Try a source out
   *
   * What the source would make of this body, and answer. Authentication is not tried, and nothing is stored: the id of the event in `response` leads nowhere.
   *
   * Scope: `config:read`.
   */
  testSource: {
    path: {
      /** letters, digits and _ . - as in github or shop.alerts */
      key: string
    }
    body: {
      /** As the sender would send it. */
      body: unknown
      headers?: Record<string, string> | undefined
      query?: Record<string, unknown> | undefined
    }
    answer: {
      outcome: 'accepted' | 'repeated' | 'ignored' | 'refused'
      event: {
        type: string
        level: string
        params: Record<string, unknown>
        audience: unknown[]
        /** Ties messages on one subject together. */
        thread_key: string | null
        scheduled_time: string | null
        expires_at: string | null
      } | null
      /** People it would be for, before their preferences; 100,000 at most. */
      recipient_count: number
      /** What makes it the same as another one. */
      dedupe_key: string | null
      response: {
        status: number
        body: unknown
      } | null
      problem: {
        code: string
        detail: string
        errors: {
          pointer: string
          detail: string
        }[]
      } | null
    }
  }
}

/** Every `code` that a refusal can carry. */
export type ErrorCode =
  | 'already_exists'
  | 'cannot_be_muted'
  | 'dedupe_key_reused'
  | 'idempotency_in_progress'
  | 'idempotency_key_reused'
  | 'insufficient_scope'
  | 'internal_error'
  | 'invalid_cursor'
  | 'invalid_idempotency_key'
  | 'invalid_json'
  | 'invalid_params'
  | 'invalid_payload'
  | 'invalid_provider_settings'
  | 'invalid_request'
  | 'invalid_schema'
  | 'invalid_template'
  | 'malformed_request'
  | 'method_not_allowed'
  | 'no_recipients'
  | 'not_authentic'
  | 'not_found'
  | 'overloaded'
  | 'payload_too_large'
  | 'rate_limited'
  | 'unauthenticated'
  | 'unavailable'
  | 'unknown_event_type'
  | 'unknown_level'
  | 'unknown_recipient'
  | 'unsupported_media_type'
  | 'wrong_status'
