// Generated from openapi.json by client/scripts/schema.ts; changes here are lost.

/** How each operation is asked for. `list` names the member that holds the items of a page. */
export const operations = {
  acknowledgeItem: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/acknowledge' },
  acknowledgeMyItem: { method: 'POST', path: '/me/notifications/{notification_id}/acknowledge' },
  acknowledgeNotification: { method: 'POST', path: '/notifications/{id}/acknowledge' },
  addMembers: { method: 'POST', path: '/topics/{key}/members' },
  advanceClock: { method: 'POST', path: '/clock/advance' },
  archiveAll: { method: 'POST', path: '/subscribers/{id}/notifications/archive-all' },
  archiveItem: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/archive' },
  archiveMyAll: { method: 'POST', path: '/me/notifications/archive-all' },
  archiveMyItem: { method: 'POST', path: '/me/notifications/{notification_id}/archive' },
  bulkSubscribers: { method: 'POST', path: '/subscribers/bulk' },
  cancelEvent: { method: 'POST', path: '/events/{id}/cancel' },
  cancelNotification: { method: 'POST', path: '/notifications/{id}/cancel' },
  cancelNotifications: { method: 'POST', path: '/notifications/cancel' },
  cancelThread: { method: 'POST', path: '/threads/{thread_key}/cancel' },
  clearSuppression: { method: 'POST', path: '/suppressions/clear' },
  countFeed: { method: 'GET', path: '/subscribers/{id}/notifications/counts' },
  countMyFeed: { method: 'GET', path: '/me/notifications/counts' },
  createChannelNotification: { method: 'POST', path: '/notifications/{channel}' },
  createEvent: { method: 'POST', path: '/events' },
  createEvents: { method: 'POST', path: '/events/batch' },
  createHook: { method: 'POST', path: '/hooks' },
  createKey: { method: 'POST', path: '/keys' },
  createMyTelegramLink: { method: 'POST', path: '/me/telegram-link' },
  createNotification: { method: 'POST', path: '/notifications' },
  createProvider: { method: 'POST', path: '/providers' },
  createSubscriberToken: { method: 'POST', path: '/subscribers/{id}/token' },
  createTelegramLink: { method: 'POST', path: '/subscribers/{id}/telegram-link' },
  deleteEventType: { method: 'DELETE', path: '/event-types/{key}' },
  deleteHook: { method: 'DELETE', path: '/hooks/{id}' },
  deleteLayout: { method: 'DELETE', path: '/layouts/{name}' },
  deletePartial: { method: 'DELETE', path: '/partials/{name}' },
  deleteProvider: { method: 'DELETE', path: '/providers/{id}' },
  deleteSandboxMessages: { method: 'DELETE', path: '/sandbox/messages' },
  deleteSchedule: { method: 'DELETE', path: '/schedules/{key}' },
  deleteSource: { method: 'DELETE', path: '/sources/{key}' },
  deleteSubscriber: { method: 'DELETE', path: '/subscribers/{id}' },
  deleteSubscription: { method: 'DELETE', path: '/subscribers/{id}/subscriptions/{event_type}' },
  deleteTemplate: { method: 'DELETE', path: '/templates/{event_type}/{channel}/{locale}' },
  deleteTopic: { method: 'DELETE', path: '/topics/{key}' },
  deleteTranslations: { method: 'DELETE', path: '/translations/{locale}' },
  eraseSubscriber: { method: 'POST', path: '/subscribers/{id}/erase' },
  explain: { method: 'POST', path: '/explain', list: 'sentences' },
  exportSubscriber: { method: 'GET', path: '/subscribers/{id}/export' },
  forceEvent: { method: 'POST', path: '/events/{id}/force' },
  forceNotification: { method: 'POST', path: '/notifications/{id}/force' },
  forceNotifications: { method: 'POST', path: '/notifications/force' },
  forceThread: { method: 'POST', path: '/threads/{thread_key}/force' },
  getCatalog: { method: 'GET', path: '/catalog' },
  getClock: { method: 'GET', path: '/clock' },
  getEvent: { method: 'GET', path: '/events/{id}' },
  getEventType: { method: 'GET', path: '/event-types/{key}' },
  getHealth: { method: 'GET', path: '/health' },
  getHook: { method: 'GET', path: '/hooks/{id}' },
  getLayout: { method: 'GET', path: '/layouts/{name}' },
  getMetrics: { method: 'GET', path: '/metrics' },
  getMyPreferenceForm: { method: 'GET', path: '/me/preferences/form' },
  getMyPreferences: { method: 'GET', path: '/me/preferences' },
  getNotification: { method: 'GET', path: '/notifications/{id}' },
  getPartial: { method: 'GET', path: '/partials/{name}' },
  getPreferenceDefaults: { method: 'GET', path: '/preference-defaults' },
  getPreferences: { method: 'GET', path: '/preferences/{subscriber_id}' },
  getProvider: { method: 'GET', path: '/providers/{id}' },
  getReadiness: { method: 'GET', path: '/health/ready', alsoAnswers: [503] },
  getSchedule: { method: 'GET', path: '/schedules/{key}' },
  getSource: { method: 'GET', path: '/sources/{key}' },
  getStats: { method: 'GET', path: '/stats' },
  getSubscriber: { method: 'GET', path: '/subscribers/{id}' },
  getSubscription: { method: 'GET', path: '/subscribers/{id}/subscriptions/{event_type}' },
  getTemplate: { method: 'GET', path: '/templates/{event_type}/{channel}/{locale}' },
  getTemplateVersion: { method: 'GET', path: '/templates/{event_type}/{channel}/{locale}/versions/{version}' },
  getTopic: { method: 'GET', path: '/topics/{key}' },
  getTranslations: { method: 'GET', path: '/translations/{locale}' },
  listAllTranslations: { method: 'GET', path: '/translations', list: 'translations' },
  listChannels: { method: 'GET', path: '/channels' },
  listEventTypeVersions: { method: 'GET', path: '/event-types/{key}/versions', list: 'versions' },
  listEventTypes: { method: 'GET', path: '/event-types', list: 'event_types' },
  listEvents: { method: 'GET', path: '/events', list: 'events' },
  listFeed: { method: 'GET', path: '/subscribers/{id}/notifications', list: 'notifications' },
  listHookAttempts: { method: 'GET', path: '/hooks/{id}/attempts', list: 'attempts' },
  listHooks: { method: 'GET', path: '/hooks', list: 'hooks' },
  listKeys: { method: 'GET', path: '/keys', list: 'keys' },
  listLayoutVersions: { method: 'GET', path: '/layouts/{name}/versions', list: 'versions' },
  listLayouts: { method: 'GET', path: '/layouts', list: 'layouts' },
  listMembers: { method: 'GET', path: '/topics/{key}/members', list: 'members' },
  listMyFeed: { method: 'GET', path: '/me/notifications', list: 'notifications' },
  listNotifications: { method: 'GET', path: '/notifications', list: 'notifications' },
  listPartialVersions: { method: 'GET', path: '/partials/{name}/versions', list: 'versions' },
  listPartials: { method: 'GET', path: '/partials', list: 'partials' },
  listPreferenceChanges: { method: 'GET', path: '/preferences/{subscriber_id}/changes', list: 'changes' },
  listProviderKinds: { method: 'GET', path: '/provider-kinds' },
  listProviders: { method: 'GET', path: '/providers', list: 'providers' },
  listSandboxMessages: { method: 'GET', path: '/sandbox/messages', list: 'messages' },
  listSchedules: { method: 'GET', path: '/schedules', list: 'schedules' },
  listSourceRequests: { method: 'GET', path: '/sources/{key}/requests', list: 'requests' },
  listSources: { method: 'GET', path: '/sources', list: 'sources' },
  listSubscribers: { method: 'GET', path: '/subscribers', list: 'subscribers' },
  listTemplateVersions: { method: 'GET', path: '/templates/{event_type}/{channel}/{locale}/versions', list: 'versions' },
  listTemplates: { method: 'GET', path: '/templates', list: 'templates' },
  listTopics: { method: 'GET', path: '/topics', list: 'topics' },
  listTranslationsVersions: { method: 'GET', path: '/translations/{locale}/versions', list: 'versions' },
  listWorkers: { method: 'GET', path: '/workers' },
  markItemsSeen: { method: 'POST', path: '/subscribers/{id}/notifications/seen' },
  markMyItemsSeen: { method: 'POST', path: '/me/notifications/seen' },
  markMyRead: { method: 'POST', path: '/me/notifications/{notification_id}/read' },
  markMySeen: { method: 'POST', path: '/me/notifications/{notification_id}/seen' },
  markMyUnread: { method: 'POST', path: '/me/notifications/{notification_id}/unread' },
  markRead: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/read' },
  markSeen: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/seen' },
  markUnread: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/unread' },
  patchHook: { method: 'PATCH', path: '/hooks/{id}' },
  patchMyPreferenceForm: { method: 'PATCH', path: '/me/preferences/form' },
  patchMyPreferences: { method: 'PATCH', path: '/me/preferences' },
  patchPreferences: { method: 'PATCH', path: '/preferences/{subscriber_id}' },
  patchProvider: { method: 'PATCH', path: '/providers/{id}' },
  patchSubscriber: { method: 'PATCH', path: '/subscribers/{id}' },
  pauseProvider: { method: 'POST', path: '/providers/{id}/pause' },
  pauseSchedule: { method: 'POST', path: '/schedules/{key}/pause' },
  previewTemplate: { method: 'POST', path: '/templates/preview' },
  probeProvider: { method: 'POST', path: '/providers/{id}/probe' },
  putCatalog: { method: 'PUT', path: '/catalog' },
  putEventType: { method: 'PUT', path: '/event-types/{key}' },
  putLayout: { method: 'PUT', path: '/layouts/{name}' },
  putMembers: { method: 'PUT', path: '/topics/{key}/members' },
  putPartial: { method: 'PUT', path: '/partials/{name}' },
  putPreferenceDefaults: { method: 'PUT', path: '/preference-defaults' },
  putPreferences: { method: 'PUT', path: '/preferences' },
  putSchedule: { method: 'PUT', path: '/schedules/{key}' },
  putSource: { method: 'PUT', path: '/sources/{key}' },
  putSubscriber: { method: 'PUT', path: '/subscribers/{id}' },
  putSubscription: { method: 'PUT', path: '/subscribers/{id}/subscriptions/{event_type}' },
  putTemplate: { method: 'PUT', path: '/templates/{event_type}/{channel}/{locale}' },
  putTranslations: { method: 'PUT', path: '/translations/{locale}' },
  readAll: { method: 'POST', path: '/subscribers/{id}/notifications/read-all' },
  readMyAll: { method: 'POST', path: '/me/notifications/read-all' },
  receiveReceipts: { method: 'POST', path: '/receipts/{provider_id}' },
  receiveWebhook: { method: 'POST', path: '/webhooks/{source}' },
  receiveWebhookOfWorkspace: { method: 'POST', path: '/webhooks/{workspace}/{source}' },
  removeMembers: { method: 'DELETE', path: '/topics/{key}/members' },
  replayEvent: { method: 'POST', path: '/events/{id}/replay' },
  replayEvents: { method: 'POST', path: '/events/replay' },
  replayHook: { method: 'POST', path: '/hooks/{id}/replay' },
  restoreLayout: { method: 'POST', path: '/layouts/{name}/versions/{version}/restore' },
  restorePartial: { method: 'POST', path: '/partials/{name}/versions/{version}/restore' },
  restoreTemplate: { method: 'POST', path: '/templates/{event_type}/{channel}/{locale}/versions/{version}/restore' },
  restoreTranslations: { method: 'POST', path: '/translations/{locale}/versions/{version}/restore' },
  resumeProvider: { method: 'POST', path: '/providers/{id}/resume' },
  resumeSchedule: { method: 'POST', path: '/schedules/{key}/resume' },
  retryEvent: { method: 'POST', path: '/events/{id}/retry' },
  retryNotification: { method: 'POST', path: '/notifications/{id}/retry' },
  retryNotifications: { method: 'POST', path: '/notifications/retry' },
  retryThread: { method: 'POST', path: '/threads/{thread_key}/retry' },
  revokeKey: { method: 'DELETE', path: '/keys/{id}' },
  rotateHook: { method: 'POST', path: '/hooks/{id}/rotate' },
  runSchedule: { method: 'POST', path: '/schedules/{key}/run' },
  snoozeItem: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/snooze' },
  snoozeMyItem: { method: 'POST', path: '/me/notifications/{notification_id}/snooze' },
  streamFeed: { method: 'GET', path: '/subscribers/{id}/stream' },
  streamMyFeed: { method: 'GET', path: '/me/stream' },
  streamResults: { method: 'GET', path: '/stream' },
  testHook: { method: 'POST', path: '/hooks/{id}/test' },
  testProvider: { method: 'POST', path: '/providers/{id}/test' },
  testSource: { method: 'POST', path: '/sources/{key}/test' },
  unarchiveItem: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/unarchive' },
  unarchiveMyItem: { method: 'POST', path: '/me/notifications/{notification_id}/unarchive' },
  unsnoozeItem: { method: 'POST', path: '/subscribers/{id}/notifications/{notification_id}/unsnooze' },
  unsnoozeMyItem: { method: 'POST', path: '/me/notifications/{notification_id}/unsnooze' },
  updateChannel: { method: 'PATCH', path: '/channels/{channel}' },
} as const

/** The version of the API that these types are of. */
export const apiVersion = '2026-11-21'

export type Operations = {
  /**
   * Say that an action of a notification was taken
   *
   * It is answered: what somebody has acted upon is also seen and read, and a plan that waits for it ends. Where one answer is enough for all who were asked, nothing more is sent to anybody, and a later answer changes nothing. The first time is kept.
   *
   * Scope: `notifications:write`.
   */
  acknowledgeItem: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Say that an action of a notification was taken
   *
   * It is answered: what somebody has acted upon is also seen and read, and a plan that waits for it ends. Where one answer is enough for all who were asked, nothing more is sent to anybody, and a later answer changes nothing. The first time is kept.
   *
   * Needs a token of the subscriber.
   */
  acknowledgeMyItem: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Say that a notification was answered
   *
   * By its recipient, or whoever `by` names. After the answer nothing of it begins, except what is in flight, and where one answer is enough for all who were asked, nothing of theirs either, and nobody else is asked. Again, or after another answer: 200 and the first one. 409 with `current_status` when it is too late for an answer.
   *
   * Scope: `notifications:write`.
   */
  acknowledgeNotification: {
    path: {
      id: string
    }
    body: {
      /** Who answered, if not the recipient: the id of a subscriber, or a name. Others are shown it. */
      by?: string | undefined
    }
    answer: {
      status: 'success'
      message: string
      notification_id: string
      /** False: it had been answered before. */
      is_first: boolean
      acknowledged_at: string
      /** Of whoever answered first: another one where one answer is enough. */
      answered_notification_id: string
      /** Whose notification was answered; null: they are no more. */
      recipient_id: string | null
      /** How the answer came. */
      via: 'link' | 'inbox' | 'api' | null
      /** Who answered, as the API was told; null: the recipient. */
      by: string | null
    }
  }
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
   * Move the clock of a test workspace
   *
   * Everything that waits in the workspace and is due by then happens, each at its own moment and in order, and the answer comes when it is done. From the first move on the clock stands between moves. Only for workspaces made with `belfry workspaces create … --test`.
   *
   * Scope: `operate:write`.
   */
  advanceClock: {
    body: {
      /** A duration: 90s, 10m, 24h, 10d. */
      by?: string | undefined
      /** A moment that is not past. */
      to?: string | Date | undefined
    }
    answer: {
      /** `unfinished`: 20 seconds were not enough. The same request again goes on. */
      status: 'success' | 'unfinished'
      /** When it is in this workspace. */
      now: string
      /** Where the move ends. */
      target: string
      /** Moments on the way at which something was due. */
      moments: number
      /** Events whose people were found. */
      events: number
      /** Steps of plans, digests and in-app messages that were due. */
      steps: number
      /** Attempts at deliveries. */
      attempts: number
    }
  }
  /**
   * Archive everything in the feed
   *
   * Scope: `notifications:write`.
   */
  archiveAll: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      /** Only those of this category; `none`: of none. */
      category?: string | undefined
      /** Leaves what is unread. */
      only_read?: boolean | undefined
    }
    answer: {
      /** How many were changed. */
      count: number
    }
  }
  /**
   * Archive a notification of the feed
   *
   * Whether it was read stays as it is. It is not snoozed any more.
   *
   * Scope: `notifications:write`.
   */
  archiveItem: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Archive everything in the feed
   *
   * Needs a token of the subscriber.
   */
  archiveMyAll: {
    body: {
      /** Only those of this category; `none`: of none. */
      category?: string | undefined
      /** Leaves what is unread. */
      only_read?: boolean | undefined
    }
    answer: {
      /** How many were changed. */
      count: number
    }
  }
  /**
   * Archive a notification of the feed
   *
   * Whether it was read stays as it is. It is not snoozed any more.
   *
   * Needs a token of the subscriber.
   */
  archiveMyItem: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
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
   * Stop what came of an event
   *
   * After the answer nothing of it begins, except the deliveries that are `in_flight`: they had begun, and each of them makes its last attempt.
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
      /** Deliveries, and plans that waited. */
      cancelled: number
      /** Deliveries that had begun. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Stop a notification
   *
   * After the answer nothing of it begins, except the deliveries that are `in_flight`: they had begun, and each of them makes its last attempt. 409 with `current_status` when there is nothing of it to do this with.
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
   * Stop all notifications that filters find
   *
   * The filters of GET /notifications, at least one. What an event leads to later is not among them. After the answer nothing of it begins, except the deliveries that are `in_flight`: they had begun, and each of them makes its last attempt.
   *
   * Scope: `notifications:write`.
   */
  cancelNotifications: {
    body: {
      /** one of scheduled, processing, sent, delivered, failed, cancelled, skipped, unknown, pending, in any case; pending: not finished yet */
      status?: string | undefined
      /** Among the channels it was to go by. */
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      recipient_id?: string | undefined
      event_id?: string | undefined
      type?: string | undefined
      thread_key?: string | undefined
      /** An IANA name, in capitals or not. */
      timezone?: string | undefined
      /** Made then or later. */
      since?: string | Date | undefined
      /** Made before. */
      until?: string | Date | undefined
      /** Only count what it would come to. */
      dry_run?: boolean | undefined
    }
    answer: {
      status: 'success'
      message: string
      dry_run: boolean
      /** Deliveries, and plans that waited. */
      cancelled: number
      /** Deliveries that had begun. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Stop a thread
   *
   * Of all events with this `thread_key`. After the answer nothing of it begins, except the deliveries that are `in_flight`: they had begun, and each of them makes its last attempt.
   *
   * Scope: `notifications:write`.
   */
  cancelThread: {
    path: {
      thread_key: string
    }
    answer: {
      status: 'success'
      thread_key: string
      message: string
      /** Deliveries, and plans that waited. */
      cancelled: number
      /** Deliveries that had begun. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Let an address be used again
   *
   * Addresses that are dead, that bounced, or whose owner complained or said STOP get nothing more. From the answer on this one is tried as any other. The vendor may still refuse it: many keep a list of their own.
   *
   * Scope: `subscribers:write`.
   */
  clearSuppression: {
    body: {
      channel: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** As the subscriber shows it. */
      address: string
    }
    answer: {
      status: 'success'
      message: string
    }
  }
  /**
   * How many items of the feed are unread, and unseen
   *
   * Scope: `notifications:read`.
   */
  countFeed: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    answer: {
      /** Unread, whatever the filter. What is archived or snoozed does not count; 1000 stands for 1000 or more. */
      unread_count: number
      /** Of these, those that were never on a screen. */
      unseen_count: number
      /** Those that have something unread. */
      categories: {
        /** Null: without a category. */
        category: string | null
        unread_count: number
        unseen_count: number
      }[]
    }
  }
  /**
   * How many items of the feed are unread, and unseen
   *
   * Needs a token of the subscriber.
   */
  countMyFeed: {
    answer: {
      /** Unread, whatever the filter. What is archived or snoozed does not count; 1000 stands for 1000 or more. */
      unread_count: number
      /** Of these, those that were never on a screen. */
      unseen_count: number
      /** Those that have something unread. */
      categories: {
        /** Null: without a category. */
        category: string | null
        unread_count: number
        unseen_count: number
      }[]
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
      /** How soon it is its turn among what waits to be sent: 8 to 10 with what is critical, 1 to 3 with broadcasts. */
      priority?: number | undefined
      /** Tried one after the other, each only when all before it have failed. "others": every other channel that goes out, for whatever address there is. */
      fallback_channels?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | 'others' | undefined
      /** How long each channel has. Left out: until it has failed; one that may have taken the message is waited for. */
      fallback_after?: string | undefined
      /** How often all of it is tried again, for the people it failed for. With it, or with `fallback_channels`, one failure of a channel is enough for the next to be tried. */
      max_retries?: number | undefined
      /** The pause before that; 15s unless said otherwise. */
      retry_delay?: string | undefined
      /** Somebody has to answer: by the link in the message, in the inbox, or over the API. An answer stops everything else. */
      acknowledge?: {
        /** How long each channel has for an answer; then the next of `fallback_channels` is tried. */
        within: string
        /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
        by?: 'any' | 'each' | undefined
        /** Whom to ask when nobody has answered and the channels are used up: one after the other, on the same channels. A topic asks several at once. */
        escalate_to?: readonly (string | {
          /** The members of a topic. */
          topic: string
        })[] | undefined
      } | undefined
      /** Critical goes first and cannot be muted. */
      level?: 'standard' | 'critical' | undefined
      /** Not before this moment (RFC 3339). Without an offset it is a time on the wall, in `timezone`, else in the zone of each recipient, else in UTC. Left out: now. */
      scheduled_time?: string | Date | undefined
      /** Where the recipients are: an IANA name such as Europe/Lisbon. Left out: where each of them is said to be. */
      timezone?: string | undefined
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
          /** Named in the request or by the event type, a member of a topic, named to be told otherwise, or to be asked when nobody answers. */
          kind: 'request' | 'event_type' | 'topic' | 'otherwise' | 'escalation'
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
        /** Of the request, else of the recipient. Null: nobody knows it. */
        timezone: string | null
        /** What the clock there shows at `scheduled_time`, with its offset. */
        local_scheduled_time: string | null
        /** False: the moment was outside of the hours, and a delivery of it had to wait. */
        appropriate_delivery: boolean
        /** While something of it waits: when that may begin. Once it was sent: when that was. Null: it will not go out. */
        estimated_delivery_time: string | null
        finished_at: string | null
        read_at: string | null
        acknowledged_at: string | null
        /** How it was answered. */
        acknowledged_via: 'link' | 'inbox' | 'api' | null
        /** By whom, as the API was told; null: by its recipient. */
        acknowledged_by: string | null
        /** The newer notification of its thread that took its place. */
        superseded_by: string | null
        /** When it was taken out of the feed for that. */
        retracted_at: string | null
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
      /** Not before this moment (RFC 3339). Without an offset it is a time on the wall, in `timezone`, else in the zone of each recipient, else in UTC. Left out: now. */
      scheduled_time?: string | Date | undefined
      /** Where the recipients are: an IANA name such as Europe/Lisbon. Left out: where each of them is said to be. */
      timezone?: string | undefined
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
          /** What named it. */
          from: 'request' | 'event_type' | 'otherwise' | 'escalation'
          /** Asked when nobody before has answered: 1 first, then 2. */
          level?: number
          /** Only those who are in this time zone, */
          zone?: string
          /** as far as this local time is concerned. */
          label?: string
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
        /** Instead of `scheduled_time`: by the clock of each recipient. */
        local_scheduled_time: string | null
        /** As the request gave it. Null: where each recipient is. */
        timezone: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
        /** The schedule it is of. */
        schedule: string | null
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
        /** Where one answer is enough for all who are asked: the first. Null: none so far. */
        answer: {
          answered_at: string
          /** Whose notification it was; null once that is forgotten. */
          recipient_id: string | null
          notification_id: string | null
          via: 'link' | 'inbox' | 'api' | null
          /** Who answered, as the API was told; null: the recipient. */
          by: string | null
          /** Deliveries and plans of others that it stopped. */
          stopped: number
          /** Deliveries of others that had begun. */
          in_flight: number
        } | null
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
   * Create a hook
   *
   * From the answer on it is told what becomes of notifications, signed as Standard Webhooks asks. The secret is in the answer and nowhere else. A workspace has up to 50.
   *
   * Scope: `config:write`.
   */
  createHook: {
    body: {
      /** Where results are sent, by POST. A public address. */
      url: string
      /** Which results; null: all. */
      types?: readonly ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null | undefined
      /** What it is for. */
      description?: string | undefined
      enabled?: boolean | undefined
      /** One of yours: `whsec_` and the base64 of 24 to 64 random bytes. Else one is made. */
      secret?: string | undefined
    }
    answer: {
      /** The hook. */
      id: string
      url: string
      description: string
      /** Which results; null: all. */
      types: ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null
      enabled: boolean
      /** gone: its receiver answered 410. failing: for five days, and ten calls or more, it took nothing. Null while it is enabled. */
      disabled_reason: 'by_hand' | 'gone' | 'failing' | null
      disabled_at: string | null
      /** The first call that failed after the last that did not, or after 36 hours without any. Null: all is well. */
      failing_since: string | null
      /** It fails: before then nothing is called. Null: all is well. */
      not_before: string | null
      /** When it last began anew, since the database was restored: what was about to be told may be missing. */
      reset_at: string | null
      /** Until when a secret of before a rotation signs, too: the last of them. */
      previous_secret_until: string | null
      created_at: string
      updated_at: string
      /** What signs. It is never shown again. */
      secret: string
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
      last_four: string
      scopes: string[]
      created_at: string
      last_used_at: string | null
      expires_at: string | null
      revoked_at: string | null
      /** The newest version of the API at its first use, which it keeps; null before that. */
      api_version: string | null
      /** The key itself. It is never shown again. */
      key: string
    }
  }
  /**
   * Make a link by which I connect Telegram
   *
   * A press of "Start" in the chat with the bot that it opens makes this chat the address of the person. It takes a Telegram provider with `username` and `webhook_secret`.
   *
   * Needs a token of the subscriber.
   */
  createMyTelegramLink: {
    body: {
      /** a duration from 1m to 24h */
      expires_in?: string | undefined
    }
    answer: {
      /** For this one person alone. It can be used once. */
      url: string
      expires_at: string
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
      /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
      thread?: 'replace' | 'keep' | undefined
      params?: Record<string, unknown> | undefined
      /** Tried one after the other, each only when all before it have failed. "others": every other channel that goes out, for whatever address there is. */
      fallback_channels?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | 'others' | undefined
      /** How long each channel has. Left out: until it has failed; one that may have taken the message is waited for. */
      fallback_after?: string | undefined
      /** How often all of it is tried again, for the people it failed for. With it, or with `fallback_channels`, one failure of a channel is enough for the next to be tried. */
      max_retries?: number | undefined
      /** The pause before that; 15s unless said otherwise. */
      retry_delay?: string | undefined
      /** Somebody has to answer: by the link in the message, in the inbox, or over the API. An answer stops everything else. */
      acknowledge?: {
        /** How long each channel has for an answer; then the next of `fallback_channels` is tried. */
        within: string
        /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
        by?: 'any' | 'each' | undefined
        /** Whom to ask when nobody has answered and the channels are used up: one after the other, on the same channels. A topic asks several at once. */
        escalate_to?: readonly (string | {
          /** The members of a topic. */
          topic: string
        })[] | undefined
      } | undefined
      /** Critical goes first and cannot be muted. */
      level?: 'standard' | 'critical' | undefined
      /** Not before this moment (RFC 3339). Without an offset it is a time on the wall, in `timezone`, else in the zone of each recipient, else in UTC. Left out: now. */
      scheduled_time?: string | Date | undefined
      /** Where the recipients are: an IANA name such as Europe/Lisbon. Left out: where each of them is said to be. */
      timezone?: string | undefined
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
          /** What named it. */
          from: 'request' | 'event_type' | 'otherwise' | 'escalation'
          /** Asked when nobody before has answered: 1 first, then 2. */
          level?: number
          /** Only those who are in this time zone, */
          zone?: string
          /** as far as this local time is concerned. */
          label?: string
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
        /** Instead of `scheduled_time`: by the clock of each recipient. */
        local_scheduled_time: string | null
        /** As the request gave it. Null: where each recipient is. */
        timezone: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
        /** The schedule it is of. */
        schedule: string | null
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
        /** Where one answer is enough for all who are asked: the first. Null: none so far. */
        answer: {
          answered_at: string
          /** Whose notification it was; null once that is forgotten. */
          recipient_id: string | null
          notification_id: string | null
          via: 'link' | 'inbox' | 'api' | null
          /** Who answered, as the API was told; null: the recipient. */
          by: string | null
          /** Deliveries and plans of others that it stopped. */
          stopped: number
          /** Deliveries of others that had begun. */
          in_flight: number
        } | null
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
      /** The lowest one of a channel is used first, the others when it cannot take more. */
      priority?: number | undefined
      /** Among those of the same priority: how many it gets, beside the others. */
      weight?: number | undefined
      /** How many messages it is given in a second, by all processes together; null: any number. */
      rate_limit?: {
        per_second: number
      } | null | undefined
      /** A critical message that it may have taken, without an answer, goes to the next provider at once: it may come twice, rather than late. */
      critical_may_double?: boolean | undefined
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
      weight: number
      rate_limit: {
        per_second: number
      } | null
      critical_may_double: boolean
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      health: {
        /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
        state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
        since: string | null
        reason: string | null
        next_probe_at: string | null
        /** Of the last minute, in all processes. */
        attempts: number
        /** Of these: those that speak against the provider. */
        failed: number
        /** Of these: answered after five seconds or later. */
        slow: number
        average_ms: number | null
        /** Deliveries that wait for it, up to 100,000. */
        waiting: number
      }
      created_at: string
      updated_at: string
    }
  }
  /**
   * Make a token for a subscriber
   *
   * A JWT that reaches only what is below `/me`, as this subscriber. Give it to the browser or app of the person, and a new one before it is over. It speaks the version of the API of this request.
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
   * Make a link by which a subscriber connects Telegram
   *
   * A press of "Start" in the chat with the bot that it opens makes this chat the address of the person. It takes a Telegram provider with `username` and `webhook_secret`.
   *
   * Scope: `tokens:write`.
   */
  createTelegramLink: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      /** a duration from 1m to 24h */
      expires_in?: string | undefined
    }
    answer: {
      /** For this one person alone. It can be used once. */
      url: string
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
   * Delete a hook
   *
   * With what waits for it and the log of its attempts.
   *
   * Scope: `config:write`.
   */
  deleteHook: {
    path: {
      /** The hook. */
      id: string
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
   * Delete a schedule
   *
   * Nothing comes of it after the answer. Events it made stay, and go on.
   *
   * Scope: `config:write`.
   */
  deleteSchedule: {
    path: {
      /** letters, digits and _ . - as in weekly-report or team.monday */
      key: string
    }
    answer: undefined
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
   * After the answer nothing more is sent to them, and they are gone with their addresses, topics and preferences. Their notifications, texts, digests and attempts, and the parameters and texts of events that named them or were for nobody else, go within minutes, and what sources were sent of such events; where a plan still has to tell others of such an event, when it has. Answers kept for Idempotency-Key go within two days. What others were told stays theirs, and so do the parameters of events that reached several people through topics only: Belfry cannot know whom they are about. Both go with their retention.
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
   * Who would hear about it, when, how and why
   *
   * Takes what POST /events or POST /notifications takes, refuses what they refuse, and says what would happen. Nothing is stored and nobody is told; data sources are asked. Ids and links in texts are made up. A person whom several entries of the audience lead to may come again on a later page. With `event_id` or `notification_id` it says what did happen: why each person got it or did not, also somebody it was not for.
   *
   * Scope: `notifications:read`.
   */
  explain: {
    query: {
      /** Most people. */
      limit?: number | undefined
      /** `next_cursor` of the page before, with the same body. */
      cursor?: string | undefined
      /** As if it were sent at this moment. Everything else is as it is now. Not for what has happened. */
      now?: string | Date | undefined
    }
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
      /** Not before this moment (RFC 3339). Without an offset it is a time on the wall, in `timezone`, else in the zone of each recipient, else in UTC. Left out: now. */
      scheduled_time?: string | Date | undefined
      /** Where the recipients are: an IANA name such as Europe/Lisbon. Left out: where each of them is said to be. */
      timezone?: string | undefined
      /** No attempt begins at or after this moment. */
      expires_at?: string | Date | undefined
      /** Ties messages on one subject together. */
      thread_key?: string | undefined
    } | {
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
      /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
      thread?: 'replace' | 'keep' | undefined
      params?: Record<string, unknown> | undefined
      /** Tried one after the other, each only when all before it have failed. "others": every other channel that goes out, for whatever address there is. */
      fallback_channels?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | 'others' | undefined
      /** How long each channel has. Left out: until it has failed; one that may have taken the message is waited for. */
      fallback_after?: string | undefined
      /** How often all of it is tried again, for the people it failed for. With it, or with `fallback_channels`, one failure of a channel is enough for the next to be tried. */
      max_retries?: number | undefined
      /** The pause before that; 15s unless said otherwise. */
      retry_delay?: string | undefined
      /** Somebody has to answer: by the link in the message, in the inbox, or over the API. An answer stops everything else. */
      acknowledge?: {
        /** How long each channel has for an answer; then the next of `fallback_channels` is tried. */
        within: string
        /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
        by?: 'any' | 'each' | undefined
        /** Whom to ask when nobody has answered and the channels are used up: one after the other, on the same channels. A topic asks several at once. */
        escalate_to?: readonly (string | {
          /** The members of a topic. */
          topic: string
        })[] | undefined
      } | undefined
      /** Critical goes first and cannot be muted. */
      level?: 'standard' | 'critical' | undefined
      /** Not before this moment (RFC 3339). Without an offset it is a time on the wall, in `timezone`, else in the zone of each recipient, else in UTC. Left out: now. */
      scheduled_time?: string | Date | undefined
      /** Where the recipients are: an IANA name such as Europe/Lisbon. Left out: where each of them is said to be. */
      timezone?: string | undefined
      /** No attempt begins at or after this moment. */
      expires_at?: string | Date | undefined
      /** Ties messages on one subject together. */
      thread_key?: string | undefined
    } | {
      event_id: string
      /** One person, or somebody it was not for. Without it: everybody, page by page. */
      recipient_id?: string | undefined
    } | {
      notification_id: string
    }
    answer: {
      is_dry_run: boolean
      event_id: string | null
      type: string | null
      level: string
      /** The moment it is told from. */
      now: string
      scheduled_time: string | null
      /** Instead of `scheduled_time`: by the clock of each person. */
      local_scheduled_time: string | null
      timezone: string | null
      expires_at: string | null
      /** The first text that could not be written; the fallback is shown instead. */
      text_error: string | null
      /** About the event as a whole. */
      sentences: string[]
      /** Who would be asked if nobody answered, before it happens. */
      escalations: {
        level: number
        /** When, if nothing fails before and no hours hold it up. Null: by the clock of each person. */
        at: string | null
        audience: {
          id?: string
          topic?: string
        }[]
      }[]
      people: {
        recipient_id: string
        /** Null before it happens, and for somebody it was not for. */
        notification_id: string | null
        /** Every way that led to this person. */
        reasons: {
          /** Named in the request or by the event type, a member of a topic, named to be told otherwise, or to be asked when nobody answers. */
          kind: 'request' | 'event_type' | 'topic' | 'otherwise' | 'escalation'
          topic: string | null
        }[]
        status: string | null
        reason: string | null
        because: string | null
        channels: {
          channel: string
          /** Masked. */
          address: string | null
          status: string
          reason: string | null
          /** What decided: a rule of preferences, or `quiet_hours`, `scheduled_time`, `no_address`, `suppressed`. */
          rule: string | null
          because: string | null
          /** When it may begin, or ended; null: never. */
          at: string | null
          provider: string | null
          /** The text. */
          content: unknown
        }[]
        /** Of a plan, before it happens: what is to come as its throttles and digests stand now, if nothing comes in between (nobody reads it, nothing else of its kind happens). */
        steps: {
          step: 'if' | 'wait' | 'digest' | 'throttle' | 'send'
          at: string
          until: string | null
          because: string
          channels: {
            channel: string
            /** Masked. */
            address: string | null
            status: string
            reason: string | null
            /** What decided: a rule of preferences, or `quiet_hours`, `scheduled_time`, `no_address`, `suppressed`. */
            rule: string | null
            because: string | null
            /** When it may begin, or ended; null: never. */
            at: string | null
            provider: string | null
            /** The text. */
            content: unknown
          }[]
        }[]
        /** Every decision, of what has happened. */
        trace: {
          at: string
          step: string
          decision: string
          because: string
        }[]
        /** The same in words, to be passed on. */
        sentences: string[]
      }[]
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * Everything that is known of a person
   *
   * One JSON object a line (NDJSON), each with its `kind`: `subscriber`, `topic`, `preferences`, `preference_change`, `schedule` that names them, and `notification` with its texts, deliveries and attempts, and what was done with it in the feed, newest first.
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
   * Send what came of an event now
   *
   * Whatever it waits for: its scheduled time, quiet hours, the delay before another attempt, a wait or a digest of its plan. Not against preferences, and not after `expires_at`.
   *
   * Scope: `events:write`.
   */
  forceEvent: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      event_id: string
      message: string
      /** Deliveries, and plans that waited. */
      forced: number
      /** Deliveries that had begun. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Send a notification now
   *
   * Whatever it waits for: its scheduled time, quiet hours, the delay before another attempt, a wait or a digest of its plan. Not against preferences, and not after `expires_at`. 409 with `current_status` when there is nothing of it to do this with.
   *
   * Scope: `notifications:write`.
   */
  forceNotification: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      message: string
      notification_id: string
    }
  }
  /**
   * Send all notifications that filters find now
   *
   * The filters of GET /notifications, at least one. What an event leads to later is not among them. Whatever it waits for: its scheduled time, quiet hours, the delay before another attempt, a wait or a digest of its plan. Not against preferences, and not after `expires_at`.
   *
   * Scope: `notifications:write`.
   */
  forceNotifications: {
    body: {
      /** one of scheduled, processing, sent, delivered, failed, cancelled, skipped, unknown, pending, in any case; pending: not finished yet */
      status?: string | undefined
      /** Among the channels it was to go by. */
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      recipient_id?: string | undefined
      event_id?: string | undefined
      type?: string | undefined
      thread_key?: string | undefined
      /** An IANA name, in capitals or not. */
      timezone?: string | undefined
      /** Made then or later. */
      since?: string | Date | undefined
      /** Made before. */
      until?: string | Date | undefined
      /** Only count what it would come to. */
      dry_run?: boolean | undefined
    }
    answer: {
      status: 'success'
      message: string
      dry_run: boolean
      /** Deliveries, and plans that waited. */
      forced: number
      /** Deliveries that had begun. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Send a thread now
   *
   * Of all events with this `thread_key`. Whatever it waits for: its scheduled time, quiet hours, the delay before another attempt, a wait or a digest of its plan. Not against preferences, and not after `expires_at`.
   *
   * Scope: `notifications:write`.
   */
  forceThread: {
    path: {
      thread_key: string
    }
    answer: {
      status: 'success'
      thread_key: string
      message: string
      /** Deliveries, and plans that waited. */
      forced: number
      /** Deliveries that had begun. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Show the whole configuration
   *
   * Event types, templates and what they share, sources, schedules, providers and preference defaults in one document.
   *
   * Scope: `config:read`.
   */
  getCatalog: {
    answer: {
      /** The same as long as nothing is changed. */
      revision: string
      /** Without secrets, and without what has its default. */
      catalog: Record<string, unknown>
      defaults: {
        /** Of event types that say none, when they are applied. */
        retention: string
      }
      /** Who changed what when, as far as it is kept. */
      parts: {
        /** A JSON Pointer into the catalog. */
        part: string
        version: number | null
        author: string | null
        changed_at: string
      }[]
    }
  }
  /**
   * Show what time it is in the workspace
   *
   * Scope: `operate:read`.
   */
  getClock: {
    answer: {
      /** When it is in this workspace. */
      now: string
      /** Whether it can be moved. */
      is_test: boolean
      /** It was moved: since then it stands where it was put. */
      is_still: boolean
    }
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
        /** What named it. */
        from: 'request' | 'event_type' | 'otherwise' | 'escalation'
        /** Asked when nobody before has answered: 1 first, then 2. */
        level?: number
        /** Only those who are in this time zone, */
        zone?: string
        /** as far as this local time is concerned. */
        label?: string
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
      /** Instead of `scheduled_time`: by the clock of each recipient. */
      local_scheduled_time: string | null
      /** As the request gave it. Null: where each recipient is. */
      timezone: string | null
      expires_at: string | null
      thread_key: string | null
      /** The event of which this is a repetition. */
      replay_of: string | null
      created_at: string
      processed_at: string | null
      processing_ms: number | null
      cancelled_at: string | null
      /** The schedule it is of. */
      schedule: string | null
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
      /** Where one answer is enough for all who are asked: the first. Null: none so far. */
      answer: {
        answered_at: string
        /** Whose notification it was; null once that is forgotten. */
        recipient_id: string | null
        notification_id: string | null
        via: 'link' | 'inbox' | 'api' | null
        /** Who answered, as the API was told; null: the recipient. */
        by: string | null
        /** Deliveries and plans of others that it stopped. */
        stopped: number
        /** Deliveries of others that had begun. */
        in_flight: number
      } | null
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
      /** With a plan: those it may send on. */
      channels: string[]
      /** The steps. */
      plan?: unknown[]
      acknowledge?: {
        /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
        by?: 'any' | 'each'
        escalate_to?: unknown[]
      }
      /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
      thread?: 'replace' | 'keep'
      opt_in: boolean
      retry: {
        attempts: number
        /** a duration such as 15s, 10m or 24h */
        delay: string
        backoff: 'fixed' | 'exponential'
      } | {
        email?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        sms?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        push?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        telegram?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        slack?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        discord?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        teams?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        webhook?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
      } | null
      retention: string
      fallback: {
        title: string
        body: string
      } | null
      /** Data sources by name; values of headers are not shown. */
      data?: Record<string, unknown>
      /** When its deliveries may go out; null: at any time; absent: as the workspace says. */
      hours?: {
        /** a time of day: 08:00 */
        start: string
        /** a time of day: 22:00; earlier than the start when it is after midnight */
        end: string
      } | null
      /** Which channels have no template yet, and what templates do not fit the type any more. Only in the answer to PUT. */
      warnings?: {
        /** Where `pointer` leads into a template: its channel/locale. */
        template?: string
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
   * Show a hook
   *
   * Scope: `config:read`.
   */
  getHook: {
    path: {
      /** The hook. */
      id: string
    }
    answer: {
      /** The hook. */
      id: string
      url: string
      description: string
      /** Which results; null: all. */
      types: ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null
      enabled: boolean
      /** gone: its receiver answered 410. failing: for five days, and ten calls or more, it took nothing. Null while it is enabled. */
      disabled_reason: 'by_hand' | 'gone' | 'failing' | null
      disabled_at: string | null
      /** The first call that failed after the last that did not, or after 36 hours without any. Null: all is well. */
      failing_since: string | null
      /** It fails: before then nothing is called. Null: all is well. */
      not_before: string | null
      /** When it last began anew, since the database was restored: what was about to be told may be missing. */
      reset_at: string | null
      /** Until when a secret of before a rotation signs, too: the last of them. */
      previous_secret_until: string | null
      created_at: string
      updated_at: string
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
   * Metrics, or how the notifications of the last while stand
   *
   * Prometheus text of this process. With `period`: JSON that counts notifications, not what happened to them, once on each of their channels, by where they stand now; from the database, so the same in every process.
   *
   * Scope: `operate:read`.
   */
  getMetrics: {
    query: {
      /** Seconds, up to a day: the notifications made in this time, as JSON. */
      period?: number | undefined
      /** With `period`: only this one. */
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      /** With `period`: only this one, such as `push.worker.host-1`. */
      server?: string | undefined
    }
    answer: {
      timestamp: string
      /** By channel and host: `push.worker.<host>`, however many workers that host has. `push.worker.any` is what no worker has begun, or needs one: waiting, skipped, in-app. */
      servers: Record<string, {
        channels: Record<string, {
          total: number
          statuses: Record<string, number>
        }>
        total: number
      }>
      total: number
    }
  }
  /**
   * Show my preferences as choices
   *
   * Needs a token of the subscriber.
   */
  getMyPreferenceForm: {
    answer: {
      level: 'standard' | 'critical'
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** Null: UTC. */
      timezone: string | null
      /** Categories, and event types without one; as they are without the level. */
      groups: {
        /** What a change calls it. */
        name: string
        title: string
        channels: {
          channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
          is_on: boolean
        }[]
      }[]
      /** Event types that are heard only by those who have subscribed. */
      subscriptions: {
        event_type: string
        title: string
        is_on: boolean
      }[]
      /** Critical: everybody gets them, and they cannot be turned off. */
      mandatory: {
        event_type: string
        title: string
        category: string | null
        channels: ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[]
      }[]
    }
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** By `thread_key`: nothing of them is heard but what is critical. */
      muted_threads: Record<string, boolean>
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
        /** Named in the request or by the event type, a member of a topic, named to be told otherwise, or to be asked when nobody answers. */
        kind: 'request' | 'event_type' | 'topic' | 'otherwise' | 'escalation'
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
      /** Of the request, else of the recipient. Null: nobody knows it. */
      timezone: string | null
      /** What the clock there shows at `scheduled_time`, with its offset. */
      local_scheduled_time: string | null
      /** False: the moment was outside of the hours, and a delivery of it had to wait. */
      appropriate_delivery: boolean
      /** While something of it waits: when that may begin. Once it was sent: when that was. Null: it will not go out. */
      estimated_delivery_time: string | null
      finished_at: string | null
      read_at: string | null
      acknowledged_at: string | null
      /** How it was answered. */
      acknowledged_via: 'link' | 'inbox' | 'api' | null
      /** By whom, as the API was told; null: by its recipient. */
      acknowledged_by: string | null
      /** The newer notification of its thread that took its place. */
      superseded_by: string | null
      /** When it was taken out of the feed for that. */
      retracted_at: string | null
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
          /** The vendor's name for the message. */
          reference: string | null
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
      /** When deliveries may go out; null: at any time of day. */
      hours: {
        /** a time of day: 08:00 */
        start: string
        /** a time of day: 22:00; earlier than the start when it is after midnight */
        end: string
      } | null
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** By `thread_key`: nothing of them is heard but what is critical. */
      muted_threads: Record<string, boolean>
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
      weight: number
      rate_limit: {
        per_second: number
      } | null
      critical_may_double: boolean
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      health: {
        /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
        state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
        since: string | null
        reason: string | null
        next_probe_at: string | null
        /** Of the last minute, in all processes. */
        attempts: number
        /** Of these: those that speak against the provider. */
        failed: number
        /** Of these: answered after five seconds or later. */
        slow: number
        average_ms: number | null
        /** Deliveries that wait for it, up to 100,000. */
        waiting: number
      }
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
   * Show a schedule, when it comes next and what has come of it
   *
   * Scope: `config:read`.
   */
  getSchedule: {
    path: {
      /** letters, digits and _ . - as in weekly-report or team.monday */
      key: string
    }
    answer: {
      key: string
      event: Record<string, unknown> | null
      message: Record<string, unknown> | null
      to: unknown[]
      cron: string
      timezone: string | null
      starts_at: string | null
      ends_at: string | null
      catch_up: string
      is_paused: boolean
      status: 'active' | 'paused' | 'ended'
      /** The next three. */
      next_times: {
        /** When; for a schedule in many zones, when it comes in the first of them. */
        time: string
        /** What the clock on the wall is to show. */
        local_time: string
        /** Null: in many. */
        timezone: string | null
      }[]
      created_at: string
      updated_at: string
      /** The latest, newest first. */
      last_times: {
        time: string
        local_time: string | null
        timezone: string
        /** made · run: by hand · missed: it would have been too late · failed: see `error` */
        status: 'made' | 'run' | 'missed' | 'failed'
        event_id: string | null
        error: string | null
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
    query: {
      /** Seconds, up to 35 days: adds `series`, `accepted` and `latencies`, from the whole step in which it begins. */
      period?: number | undefined
      /** Of those; at most 1,440 of them. */
      step?: '1m' | '10m' | '1h' | '1d' | undefined
    }
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
      /** With `period`: deliveries that ended, oldest first; steps without any are left out. */
      series?: {
        /** When the step begins. */
        at: string
        channel: string
        status: string
        /** Its name at the time; null: nobody was called. */
        provider: string | null
        worker: string
        count: number
      }[]
      /** With `period`: events that were accepted, likewise. */
      accepted?: {
        /** When the step begins. */
        at: string
        count: number
      }[]
      /** With `period`: how long what was sent or delivered took from when it was accepted, or might begin, over all workers; of the last seven days. Counted by steps, so up to a fifth more or less. */
      latencies?: {
        /** When the step begins. */
        at: string
        channel: string
        count: number
        /** Half of them took no longer than this. */
        p50_ms: number
        p95_ms: number
        p99_ms: number
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
      /** Those of the addresses that get nothing more, until POST /suppressions/clear. */
      suppressed: {
        channel: string
        address: string
        /** Dead, as its provider said; bounced; a complaint of spam; the person said STOP. */
        reason: 'gone' | 'bounced' | 'complained' | 'stopped'
        /** The vendor's word for it. */
        code: string | null
        provider: string | null
        at: string
      }[]
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
   * Show how channels are worked, and what waits on them
   *
   * Of all workspaces together; in-app messages need no delivery.
   *
   * Scope: `operate:read`.
   */
  listChannels: {
    answer: {
      channels: {
        channel: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
        /** `unattended`: no process that is heard of delivers on it. */
        status: 'working' | 'paused' | 'unattended'
        /** Why it is paused. */
        reason: string | null
        /** Attempts at once in each process; null: what each was started with. */
        concurrency: number | null
        /** Attempts begun in a second by all processes together; null: any number. */
        rate_limit: {
          per_second: number
        } | null
        /** Processes that deliver on it. */
        workers: number
        /** Attempts under way. */
        busy: number
        /** How many there may be at once, in all processes. */
        places: number
        /** Attempts that ended, on average of the last minute. */
        per_second: number
        /** Deliveries that wait, be it for a later moment. */
        waiting: number
        /** How long ago the oldest that waits was due; null: none is due. */
        oldest_age_seconds: number | null
      }[]
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
        /** With a plan: those it may send on. */
        channels: string[]
        /** The steps. */
        plan?: unknown[]
        acknowledge?: {
          /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
          by?: 'any' | 'each'
          escalate_to?: unknown[]
        }
        /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
        thread?: 'replace' | 'keep'
        opt_in: boolean
        retry: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | {
          email?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          sms?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          push?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          telegram?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          slack?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          discord?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          teams?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          webhook?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
        } | null
        retention: string
        fallback: {
          title: string
          body: string
        } | null
        /** Data sources by name; values of headers are not shown. */
        data?: Record<string, unknown>
        /** When its deliveries may go out; null: at any time; absent: as the workspace says. */
        hours?: {
          /** a time of day: 08:00 */
          start: string
          /** a time of day: 22:00; earlier than the start when it is after midnight */
          end: string
        } | null
        /** Which channels have no template yet, and what templates do not fit the type any more. Only in the answer to PUT. */
        warnings?: {
          /** Where `pointer` leads into a template: its channel/locale. */
          template?: string
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
        /** With a plan: those it may send on. */
        channels: string[]
        /** The steps. */
        plan?: unknown[]
        acknowledge?: {
          /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
          by?: 'any' | 'each'
          escalate_to?: unknown[]
        }
        /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
        thread?: 'replace' | 'keep'
        opt_in: boolean
        retry: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | {
          email?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          sms?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          push?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          telegram?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          slack?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          discord?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          teams?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
          webhook?: {
            attempts: number
            /** a duration such as 15s, 10m or 24h */
            delay: string
            backoff: 'fixed' | 'exponential'
          }
        } | null
        retention: string
        fallback: {
          title: string
          body: string
        } | null
        /** Data sources by name; values of headers are not shown. */
        data?: Record<string, unknown>
        /** When its deliveries may go out; null: at any time; absent: as the workspace says. */
        hours?: {
          /** a time of day: 08:00 */
          start: string
          /** a time of day: 22:00; earlier than the start when it is after midnight */
          end: string
        } | null
        /** Which channels have no template yet, and what templates do not fit the type any more. Only in the answer to PUT. */
        warnings?: {
          /** Where `pointer` leads into a template: its channel/locale. */
          template?: string
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
          /** What named it. */
          from: 'request' | 'event_type' | 'otherwise' | 'escalation'
          /** Asked when nobody before has answered: 1 first, then 2. */
          level?: number
          /** Only those who are in this time zone, */
          zone?: string
          /** as far as this local time is concerned. */
          label?: string
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
        /** Instead of `scheduled_time`: by the clock of each recipient. */
        local_scheduled_time: string | null
        /** As the request gave it. Null: where each recipient is. */
        timezone: string | null
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
   * The in-app feed, newest first
   *
   * What comes back from a snooze stands where it would if it had just come.
   *
   * Scope: `notifications:read`.
   */
  listFeed: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    query: {
      /** `all`: what is neither archived nor snoozed. */
      filter?: 'all' | 'unread' | 'archived' | 'snoozed' | undefined
      /** Only those of this category; `none`: of none. */
      category?: string | undefined
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
    }
    answer: {
      notifications: {
        /** Of the notification. */
        id: string
        /** Of what happened. */
        event_id: string
        /** The event type; null for a direct message. */
        type: string | null
        /** The category of the event type, as it is now. */
        category: string | null
        level: string
        /** What belongs together. */
        thread_key: string | null
        /** Plain text. Every `url` is one that leads somewhere. */
        content: {
          title?: string
          body: string
          url?: string
          actions?: {
            label: string
            url: string
          }[]
        }
        /** When it came to the feed. */
        created_at: string
        /** When it was first on a screen. */
        seen_at: string | null
        /** When it was first read. */
        read_at: string | null
        /** When it was answered: an action of it was taken. */
        acknowledged_at: string | null
        /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
        answered: {
          at: string
          /** Who; null: somebody who is not named. */
          by: string | null
        } | null
        /** When it was put away. */
        archived_at: string | null
        /** When it comes back, unread and at the top. */
        snoozed_until: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
      /** Unread, whatever the filter. What is archived or snoozed does not count; 1000 stands for 1000 or more. */
      unread_count: number
      /** Of these, those that were never on a screen. */
      unseen_count: number
    }
  }
  /**
   * List the attempts of a hook, newest first
   *
   * Of the last 7 days.
   *
   * Scope: `config:read`.
   */
  listHookAttempts: {
    path: {
      /** The hook. */
      id: string
    }
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      /** Of one message. */
      message_id?: string | undefined
    }
    answer: {
      attempts: {
        /** The attempt. */
        id: string
        /** The message: `webhook-id`. */
        message_id: string
        type: string
        number: number
        outcome: 'delivered' | 'failed'
        code: string | null
        detail: string | null
        started_at: string
        duration_ms: number
        message_status: 'waiting' | 'delivered' | 'failed'
        /** Of the last attempt of a message that waits. */
        next_attempt_at: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
    }
  }
  /**
   * List hooks
   *
   * Scope: `config:read`.
   */
  listHooks: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
    }
    answer: {
      hooks: {
        /** The hook. */
        id: string
        url: string
        description: string
        /** Which results; null: all. */
        types: ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null
        enabled: boolean
        /** gone: its receiver answered 410. failing: for five days, and ten calls or more, it took nothing. Null while it is enabled. */
        disabled_reason: 'by_hand' | 'gone' | 'failing' | null
        disabled_at: string | null
        /** The first call that failed after the last that did not, or after 36 hours without any. Null: all is well. */
        failing_since: string | null
        /** It fails: before then nothing is called. Null: all is well. */
        not_before: string | null
        /** When it last began anew, since the database was restored: what was about to be told may be missing. */
        reset_at: string | null
        /** Until when a secret of before a rotation signs, too: the last of them. */
        previous_secret_until: string | null
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
        last_four: string
        scopes: string[]
        created_at: string
        last_used_at: string | null
        expires_at: string | null
        revoked_at: string | null
        /** The newest version of the API at its first use, which it keeps; null before that. */
        api_version: string | null
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
   * The in-app feed, newest first
   *
   * What comes back from a snooze stands where it would if it had just come.
   *
   * Needs a token of the subscriber.
   */
  listMyFeed: {
    query: {
      /** `all`: what is neither archived nor snoozed. */
      filter?: 'all' | 'unread' | 'archived' | 'snoozed' | undefined
      /** Only those of this category; `none`: of none. */
      category?: string | undefined
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
    }
    answer: {
      notifications: {
        /** Of the notification. */
        id: string
        /** Of what happened. */
        event_id: string
        /** The event type; null for a direct message. */
        type: string | null
        /** The category of the event type, as it is now. */
        category: string | null
        level: string
        /** What belongs together. */
        thread_key: string | null
        /** Plain text. Every `url` is one that leads somewhere. */
        content: {
          title?: string
          body: string
          url?: string
          actions?: {
            label: string
            url: string
          }[]
        }
        /** When it came to the feed. */
        created_at: string
        /** When it was first on a screen. */
        seen_at: string | null
        /** When it was first read. */
        read_at: string | null
        /** When it was answered: an action of it was taken. */
        acknowledged_at: string | null
        /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
        answered: {
          at: string
          /** Who; null: somebody who is not named. */
          by: string | null
        } | null
        /** When it was put away. */
        archived_at: string | null
        /** When it comes back, unread and at the top. */
        snoozed_until: string | null
      }[]
      /** Items on this page: fewer than `limit` where they are large. */
      count: number
      /** Asks for the next page; null on the last one. */
      next_cursor: string | null
      /** Unread, whatever the filter. What is archived or snoozed does not count; 1000 stands for 1000 or more. */
      unread_count: number
      /** Of these, those that were never on a screen. */
      unseen_count: number
    }
  }
  /**
   * List notifications, newest first
   *
   * All conditions hold together. `status=pending` means not finished yet.
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
      /** one of scheduled, processing, sent, delivered, failed, cancelled, skipped, unknown, pending, in any case; pending: not finished yet */
      status?: string | undefined
      /** Among the channels it was to go by. */
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      recipient_id?: string | undefined
      event_id?: string | undefined
      type?: string | undefined
      thread_key?: string | undefined
      /** An IANA name, in capitals or not. */
      timezone?: string | undefined
      /** Made then or later. */
      since?: string | Date | undefined
      /** Made before. */
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
          /** Named in the request or by the event type, a member of a topic, named to be told otherwise, or to be asked when nobody answers. */
          kind: 'request' | 'event_type' | 'topic' | 'otherwise' | 'escalation'
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
        /** Of the request, else of the recipient. Null: nobody knows it. */
        timezone: string | null
        /** What the clock there shows at `scheduled_time`, with its offset. */
        local_scheduled_time: string | null
        /** False: the moment was outside of the hours, and a delivery of it had to wait. */
        appropriate_delivery: boolean
        /** While something of it waits: when that may begin. Once it was sent: when that was. Null: it will not go out. */
        estimated_delivery_time: string | null
        finished_at: string | null
        read_at: string | null
        acknowledged_at: string | null
        /** How it was answered. */
        acknowledged_via: 'link' | 'inbox' | 'api' | null
        /** By whom, as the API was told; null: by its recipient. */
        acknowledged_by: string | null
        /** The newer notification of its thread that took its place. */
        superseded_by: string | null
        /** When it was taken out of the feed for that. */
        retracted_at: string | null
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
          /** subscriber_update: the time zone of somebody with quiet hours, where the subscriber was saved. */
          kind: 'key' | 'catalog' | 'subscriber' | 'unsubscribe_link' | 'preferences_link' | 'why_link' | 'subscriber_update'
          /** The name of the key; of who pushed a catalog. */
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
        /** What it takes of one message; longer ones are refused before it is asked. */
        limits: {
          what: string
          most: number
          unit: 'characters' | 'bytes'
        }[]
        /** How long it drops a message that it has seen before; null: it does not. */
        knows_keys_for_seconds: number | null
        /** The setting with which the vendor is heard at POST /receipts/{provider_id}; null: there is no such thing. */
        receipts_setting: string | null
        /** Whether a newer message of a thread takes back what it has delivered, as in the in-app feed. */
        can_retract: boolean
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
        weight: number
        rate_limit: {
          per_second: number
        } | null
        critical_may_double: boolean
        enabled: boolean
        /** Without the secrets. */
        settings: Record<string, unknown>
        /** The names of the secrets that are set. */
        secrets: string[]
        health: {
          /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
          state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
          since: string | null
          reason: string | null
          next_probe_at: string | null
          /** Of the last minute, in all processes. */
          attempts: number
          /** Of these: those that speak against the provider. */
          failed: number
          /** Of these: answered after five seconds or later. */
          slow: number
          average_ms: number | null
          /** Deliveries that wait for it, up to 100,000. */
          waiting: number
        }
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
   * List schedules
   *
   * Scope: `config:read`.
   */
  listSchedules: {
    query: {
      /** Most items to answer. */
      limit?: number | undefined
      /** `next_cursor` of the page before. */
      cursor?: string | undefined
      /** Items to skip. */
      offset?: number | undefined
      /** Only those that are, or are not. */
      is_paused?: boolean | undefined
    }
    answer: {
      schedules: {
        key: string
        event: Record<string, unknown> | null
        message: Record<string, unknown> | null
        to: unknown[]
        cron: string
        timezone: string | null
        starts_at: string | null
        ends_at: string | null
        catch_up: string
        is_paused: boolean
        status: 'active' | 'paused' | 'ended'
        /** The next three. */
        next_times: {
          /** When; for a schedule in many zones, when it comes in the first of them. */
          time: string
          /** What the clock on the wall is to show. */
          local_time: string
          /** Null: in many. */
          timezone: string | null
        }[]
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
        /** Those of the addresses that get nothing more, until POST /suppressions/clear. */
        suppressed: {
          channel: string
          address: string
          /** Dead, as its provider said; bounced; a complaint of spam; the person said STOP. */
          reason: 'gone' | 'bounced' | 'complained' | 'stopped'
          /** The vendor's word for it. */
          code: string | null
          provider: string | null
          at: string
        }[]
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
   * Show who works on what, and at which rate
   *
   * All processes on this database, whatever their roles, as each tells of itself every two seconds.
   *
   * Scope: `operate:read`.
   */
  listWorkers: {
    answer: {
      workers: {
        /** Its host, its pid and a few letters. */
        name: string
        /** `silent`: it has not been heard of for 15 seconds. What it had begun goes on elsewhere. */
        status: 'working' | 'stopping' | 'silent'
        version: string
        roles: string[]
        /** When it was started. */
        started_at: string
        /** When it was last heard of. */
        seen_at: string
        /** Those that it delivers on; none without the role `worker`. */
        channels: {
          channel: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
          /** Attempts under way. */
          busy: number
          /** How many there may be at once. */
          concurrency: number
          /** Attempts that ended, on average of the last minute. */
          per_second: number
        }[]
      }[]
    }
  }
  /**
   * Mark notifications of the feed as seen
   *
   * Those that were on a screen together. What is not in the feed is passed over.
   *
   * Scope: `notifications:write`.
   */
  markItemsSeen: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      ids: readonly string[]
    }
    answer: {
      /** How many were not seen before. */
      count: number
    }
  }
  /**
   * Mark notifications of the feed as seen
   *
   * Those that were on a screen together. What is not in the feed is passed over.
   *
   * Needs a token of the subscriber.
   */
  markMyItemsSeen: {
    body: {
      ids: readonly string[]
    }
    answer: {
      /** How many were not seen before. */
      count: number
    }
  }
  /**
   * Mark a notification of the feed as read
   *
   * The first time it was read is kept. What is read is also seen.
   *
   * Needs a token of the subscriber.
   */
  markMyRead: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Mark a notification of the feed as seen
   *
   * It was on a screen. The first time is kept.
   *
   * Needs a token of the subscriber.
   */
  markMySeen: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Mark a notification of the feed as unread
   *
   * As if it had never been read. It stays seen.
   *
   * Needs a token of the subscriber.
   */
  markMyUnread: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Mark a notification of the feed as read
   *
   * The first time it was read is kept. What is read is also seen.
   *
   * Scope: `notifications:write`.
   */
  markRead: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Mark a notification of the feed as seen
   *
   * It was on a screen. The first time is kept.
   *
   * Scope: `notifications:write`.
   */
  markSeen: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Mark a notification of the feed as unread
   *
   * As if it had never been read. It stays seen.
   *
   * Scope: `notifications:write`.
   */
  markUnread: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Change a hook
   *
   * What is absent stays. One that is enabled again goes on with what waited for it, and is told what happens from then on: not what happened meanwhile.
   *
   * Scope: `config:write`.
   */
  patchHook: {
    path: {
      /** The hook. */
      id: string
    }
    body: {
      /** Where results are sent, by POST. A public address. */
      url?: string | undefined
      /** Which results; null: all. */
      types?: readonly ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null | undefined
      /** What it is for. */
      description?: string | undefined
      enabled?: boolean | undefined
    }
    answer: {
      /** The hook. */
      id: string
      url: string
      description: string
      /** Which results; null: all. */
      types: ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null
      enabled: boolean
      /** gone: its receiver answered 410. failing: for five days, and ten calls or more, it took nothing. Null while it is enabled. */
      disabled_reason: 'by_hand' | 'gone' | 'failing' | null
      disabled_at: string | null
      /** The first call that failed after the last that did not, or after 36 hours without any. Null: all is well. */
      failing_since: string | null
      /** It fails: before then nothing is called. Null: all is well. */
      not_before: string | null
      /** When it last began anew, since the database was restored: what was about to be told may be missing. */
      reset_at: string | null
      /** Until when a secret of before a rotation signs, too: the last of them. */
      previous_secret_until: string | null
      created_at: string
      updated_at: string
    }
  }
  /**
   * Change some of my choices
   *
   * What is absent stays as it is. A choice about a category holds for all that is in it, whatever was said about single event types before. Answers all choices as they are then.
   *
   * Needs a token of the subscriber.
   */
  patchMyPreferenceForm: {
    body: {
      /** standard: everything. critical: only critical events. */
      level?: 'standard' | 'critical' | null | undefined
      /** {"start", "end"} as times of day, or null for none */
      quiet_hours?: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null | undefined
      /** an IANA name such as Europe/Lisbon; kept on the subscriber */
      timezone?: string | null | undefined
      /** By the name of the group and the channel. */
      groups?: Record<string, Record<string, boolean>> | undefined
      subscriptions?: Record<string, boolean> | undefined
    }
    answer: {
      level: 'standard' | 'critical'
      quiet_hours: {
        /** a time of day: 22:00 */
        start: string
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** Null: UTC. */
      timezone: string | null
      /** Categories, and event types without one; as they are without the level. */
      groups: {
        /** What a change calls it. */
        name: string
        title: string
        channels: {
          channel: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
          is_on: boolean
        }[]
      }[]
      /** Event types that are heard only by those who have subscribed. */
      subscriptions: {
        event_type: string
        title: string
        is_on: boolean
      }[]
      /** Critical: everybody gets them, and they cannot be turned off. */
      mandatory: {
        event_type: string
        title: string
        category: string | null
        channels: ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[]
      }[]
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null | undefined
      /** By `thread_key`; 200 at most. */
      muted_threads?: Record<string, true | null> | undefined
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** By `thread_key`: nothing of them is heard but what is critical. */
      muted_threads: Record<string, boolean>
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null | undefined
      /** By `thread_key`; 200 at most. */
      muted_threads?: Record<string, true | null> | undefined
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** By `thread_key`: nothing of them is heard but what is critical. */
      muted_threads: Record<string, boolean>
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
      /** The lowest one of a channel is used first, the others when it cannot take more. */
      priority?: number | undefined
      /** Among those of the same priority: how many it gets, beside the others. */
      weight?: number | undefined
      /** How many messages it is given in a second, by all processes together; null: any number. */
      rate_limit?: {
        per_second: number
      } | null | undefined
      /** A critical message that it may have taken, without an answer, goes to the next provider at once: it may come twice, rather than late. */
      critical_may_double?: boolean | undefined
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
      weight: number
      rate_limit: {
        per_second: number
      } | null
      critical_may_double: boolean
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      health: {
        /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
        state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
        since: string | null
        reason: string | null
        next_probe_at: string | null
        /** Of the last minute, in all processes. */
        attempts: number
        /** Of these: those that speak against the provider. */
        failed: number
        /** Of these: answered after five seconds or later. */
        slow: number
        average_ms: number | null
        /** Deliveries that wait for it, up to 100,000. */
        waiting: number
      }
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
      /** Those of the addresses that get nothing more, until POST /suppressions/clear. */
      suppressed: {
        channel: string
        address: string
        /** Dead, as its provider said; bounced; a complaint of spam; the person said STOP. */
        reason: 'gone' | 'bounced' | 'complained' | 'stopped'
        /** The vendor's word for it. */
        code: string | null
        provider: string | null
        at: string
      }[]
      created_at: string
      updated_at: string
    }
  }
  /**
   * Pause a provider
   *
   * It gets nothing until it is resumed: what is due goes to the next provider of the channel, or waits if there is none. Attempts under way end as they began.
   *
   * Scope: `operate:write`.
   */
  pauseProvider: {
    path: {
      /** The provider. */
      id: string
    }
    body: {
      /** Shown to those who look at it. */
      reason?: string | undefined
    } | null
    answer: {
      /** The provider. */
      id: string
      channel: string
      kind: string
      name: string
      priority: number
      weight: number
      rate_limit: {
        per_second: number
      } | null
      critical_may_double: boolean
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      health: {
        /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
        state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
        since: string | null
        reason: string | null
        next_probe_at: string | null
        /** Of the last minute, in all processes. */
        attempts: number
        /** Of these: those that speak against the provider. */
        failed: number
        /** Of these: answered after five seconds or later. */
        slow: number
        average_ms: number | null
        /** Deliveries that wait for it, up to 100,000. */
        waiting: number
      }
      created_at: string
      updated_at: string
    }
  }
  /**
   * Pause a schedule
   *
   * Nothing comes of it after the answer. What would have come meanwhile is left out.
   *
   * Scope: `config:write`.
   */
  pauseSchedule: {
    path: {
      /** letters, digits and _ . - as in weekly-report or team.monday */
      key: string
    }
    answer: {
      key: string
      event: Record<string, unknown> | null
      message: Record<string, unknown> | null
      to: unknown[]
      cron: string
      timezone: string | null
      starts_at: string | null
      ends_at: string | null
      catch_up: string
      is_paused: boolean
      status: 'active' | 'paused' | 'ended'
      /** The next three. */
      next_times: {
        /** When; for a schedule in many zones, when it comes in the first of them. */
        time: string
        /** What the clock on the wall is to show. */
        local_time: string
        /** Null: in many. */
        timezone: string | null
      }[]
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
      /** in_app: `title`, `body`, `url`?, `actions`? (up to two, each a `label` and a `url`) · push: `title`, `body`, `url`? · email: `subject`, `body` (Markdown, or HTML if it begins with <), `text`?, `preheader`? · webhook: `body`, any JSON with Liquid in its texts · others: `body`. */
      template: Record<string, unknown>
      /** letters, digits and _ . : - as in order.shipped */
      event_type?: string | undefined
      /** The language of the reader. */
      locale?: string | undefined
      /** Without them, examples are made for the schema of the event type. */
      params?: Record<string, unknown> | undefined
      /** What the data sources of the event type would answer, by name. Nothing is fetched: without it, examples are made for what the template reads. */
      data?: Record<string, unknown> | undefined
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
   * Try at once whether a provider is well again
   *
   * With the next few deliveries, instead of waiting for next_probe_at. Changes nothing unless its breaker is open.
   *
   * Scope: `operate:write`.
   */
  probeProvider: {
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
      weight: number
      rate_limit: {
        per_second: number
      } | null
      critical_may_double: boolean
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      health: {
        /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
        state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
        since: string | null
        reason: string | null
        next_probe_at: string | null
        /** Of the last minute, in all processes. */
        attempts: number
        /** Of these: those that speak against the provider. */
        failed: number
        /** Of these: answered after five seconds or later. */
        slow: number
        average_ms: number | null
        /** Deliveries that wait for it, up to 100,000. */
        waiting: number
      }
      created_at: string
      updated_at: string
    }
  }
  /**
   * Apply a whole configuration
   *
   * All of it or nothing: what is wrong is refused with its place. Only what changed gets a new version; work on its way keeps the one it began with. Secrets that are left out stay.
   *
   * Scope: `config:write`.
   */
  putCatalog: {
    query: {
      /** Only say what would be changed. */
      dry_run?: boolean | undefined
      /** Delete what the catalog does not name. */
      prune?: boolean | undefined
    }
    body: {
      /** That of the catalog that was changed: refused if it is another one by now. */
      revision?: string | undefined
      catalog: {
        /** By key; each as the resource takes it. */
        event_types?: Record<string, unknown> | undefined
        /** By name; each as the resource takes it. */
        layouts?: Record<string, unknown> | undefined
        /** By name; each as the resource takes it. */
        partials?: Record<string, unknown> | undefined
        /** By locale; each as the resource takes it. */
        translations?: Record<string, unknown> | undefined
        /** By event type, then channel, then locale; each as the resource takes it. */
        templates?: Record<string, unknown> | undefined
        /** By key; each as the resource takes it. */
        sources?: Record<string, unknown> | undefined
        /** By key; each as the resource takes it. */
        schedules?: Record<string, unknown> | undefined
        /** By channel, then name; each as the resource takes it. */
        providers?: Record<string, unknown> | undefined
        /** As the resource takes it. */
        preference_defaults?: Record<string, unknown> | undefined
      }
    }
    answer: {
      dry_run: boolean
      /** The same as long as nothing is changed. */
      revision: string
      counts: {
        created: number
        updated: number
        deleted: number
        unchanged: number
        /** There, and not named: untouched. */
        kept: number
      }
      changes: {
        action: 'create' | 'update' | 'delete'
        part: string
      }[]
      kept: string[]
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
      /** All of them are sent to at once. Instead of it: `plan`. */
      channels?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
      plan?: readonly {
        /** Sends on these channels. */
        send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
        /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
        fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
        /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
        until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
        /** beside `send`: how long each of its channels has for that, such as 10m */
        within?: string | undefined
        /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
        wait?: {
          /** a duration such as 30m or 2d */
          for: string
          /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
          unless?: 'seen' | 'read' | 'acknowledged' | {
            event: string
            /** Liquid over the parameters: what comes out alike belongs together. */
            key?: string | undefined
          } | undefined
        } | undefined
        /** Gathers what happens within a time, and goes on once for all of it. */
        digest?: {
          /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
          window: string | {
            every: 'hour' | 'day' | 'week'
            /** a local time such as 09:00 */
            at?: string | undefined
            on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
          }
          /** Liquid over the parameters: what comes out alike belongs together. */
          key?: string | undefined
          /** The first goes on at once; what follows it is gathered. */
          first_now?: boolean | undefined
          /** How many of the events `digest.items` has; 10 unless said otherwise. */
          show?: number | undefined
          /** So many events close it before its time. */
          close_at?: number | undefined
        } | undefined
        /** Lets so many through within a time, for each person; the others end here. */
        throttle?: {
          limit: number
          /** a duration such as 1h */
          per: string
          /** Liquid over the parameters: what comes out alike belongs together. */
          key?: string | undefined
        } | undefined
        /** A condition of Liquid over the parameters: `total > 100`. */
        if?: string | undefined
        then?: readonly {
          /** Sends on these channels. */
          send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
          /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
          fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
          /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
          until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
          /** beside `send`: how long each of its channels has for that, such as 10m */
          within?: string | undefined
          /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
          wait?: {
            /** a duration such as 30m or 2d */
            for: string
            /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
            unless?: 'seen' | 'read' | 'acknowledged' | {
              event: string
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
            } | undefined
          } | undefined
          /** Gathers what happens within a time, and goes on once for all of it. */
          digest?: {
            /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
            window: string | {
              every: 'hour' | 'day' | 'week'
              /** a local time such as 09:00 */
              at?: string | undefined
              on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
            }
            /** Liquid over the parameters: what comes out alike belongs together. */
            key?: string | undefined
            /** The first goes on at once; what follows it is gathered. */
            first_now?: boolean | undefined
            /** How many of the events `digest.items` has; 10 unless said otherwise. */
            show?: number | undefined
            /** So many events close it before its time. */
            close_at?: number | undefined
          } | undefined
          /** Lets so many through within a time, for each person; the others end here. */
          throttle?: {
            limit: number
            /** a duration such as 1h */
            per: string
            /** Liquid over the parameters: what comes out alike belongs together. */
            key?: string | undefined
          } | undefined
          /** A condition of Liquid over the parameters: `total > 100`. */
          if?: string | undefined
          then?: readonly {
            /** Sends on these channels. */
            send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
            fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
            until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
            /** beside `send`: how long each of its channels has for that, such as 10m */
            within?: string | undefined
            /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
            wait?: {
              /** a duration such as 30m or 2d */
              for: string
              /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
              unless?: 'seen' | 'read' | 'acknowledged' | {
                event: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            } | undefined
            /** Gathers what happens within a time, and goes on once for all of it. */
            digest?: {
              /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
              window: string | {
                every: 'hour' | 'day' | 'week'
                /** a local time such as 09:00 */
                at?: string | undefined
                on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
              }
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
              /** The first goes on at once; what follows it is gathered. */
              first_now?: boolean | undefined
              /** How many of the events `digest.items` has; 10 unless said otherwise. */
              show?: number | undefined
              /** So many events close it before its time. */
              close_at?: number | undefined
            } | undefined
            /** Lets so many through within a time, for each person; the others end here. */
            throttle?: {
              limit: number
              /** a duration such as 1h */
              per: string
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
            } | undefined
            /** A condition of Liquid over the parameters: `total > 100`. */
            if?: string | undefined
            then?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
            else?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
          }[] | undefined
          else?: readonly {
            /** Sends on these channels. */
            send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
            fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
            until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
            /** beside `send`: how long each of its channels has for that, such as 10m */
            within?: string | undefined
            /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
            wait?: {
              /** a duration such as 30m or 2d */
              for: string
              /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
              unless?: 'seen' | 'read' | 'acknowledged' | {
                event: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            } | undefined
            /** Gathers what happens within a time, and goes on once for all of it. */
            digest?: {
              /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
              window: string | {
                every: 'hour' | 'day' | 'week'
                /** a local time such as 09:00 */
                at?: string | undefined
                on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
              }
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
              /** The first goes on at once; what follows it is gathered. */
              first_now?: boolean | undefined
              /** How many of the events `digest.items` has; 10 unless said otherwise. */
              show?: number | undefined
              /** So many events close it before its time. */
              close_at?: number | undefined
            } | undefined
            /** Lets so many through within a time, for each person; the others end here. */
            throttle?: {
              limit: number
              /** a duration such as 1h */
              per: string
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
            } | undefined
            /** A condition of Liquid over the parameters: `total > 100`. */
            if?: string | undefined
            then?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
            else?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
          }[] | undefined
        }[] | undefined
        else?: readonly {
          /** Sends on these channels. */
          send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
          /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
          fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
          /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
          until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
          /** beside `send`: how long each of its channels has for that, such as 10m */
          within?: string | undefined
          /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
          wait?: {
            /** a duration such as 30m or 2d */
            for: string
            /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
            unless?: 'seen' | 'read' | 'acknowledged' | {
              event: string
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
            } | undefined
          } | undefined
          /** Gathers what happens within a time, and goes on once for all of it. */
          digest?: {
            /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
            window: string | {
              every: 'hour' | 'day' | 'week'
              /** a local time such as 09:00 */
              at?: string | undefined
              on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
            }
            /** Liquid over the parameters: what comes out alike belongs together. */
            key?: string | undefined
            /** The first goes on at once; what follows it is gathered. */
            first_now?: boolean | undefined
            /** How many of the events `digest.items` has; 10 unless said otherwise. */
            show?: number | undefined
            /** So many events close it before its time. */
            close_at?: number | undefined
          } | undefined
          /** Lets so many through within a time, for each person; the others end here. */
          throttle?: {
            limit: number
            /** a duration such as 1h */
            per: string
            /** Liquid over the parameters: what comes out alike belongs together. */
            key?: string | undefined
          } | undefined
          /** A condition of Liquid over the parameters: `total > 100`. */
          if?: string | undefined
          then?: readonly {
            /** Sends on these channels. */
            send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
            fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
            until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
            /** beside `send`: how long each of its channels has for that, such as 10m */
            within?: string | undefined
            /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
            wait?: {
              /** a duration such as 30m or 2d */
              for: string
              /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
              unless?: 'seen' | 'read' | 'acknowledged' | {
                event: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            } | undefined
            /** Gathers what happens within a time, and goes on once for all of it. */
            digest?: {
              /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
              window: string | {
                every: 'hour' | 'day' | 'week'
                /** a local time such as 09:00 */
                at?: string | undefined
                on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
              }
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
              /** The first goes on at once; what follows it is gathered. */
              first_now?: boolean | undefined
              /** How many of the events `digest.items` has; 10 unless said otherwise. */
              show?: number | undefined
              /** So many events close it before its time. */
              close_at?: number | undefined
            } | undefined
            /** Lets so many through within a time, for each person; the others end here. */
            throttle?: {
              limit: number
              /** a duration such as 1h */
              per: string
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
            } | undefined
            /** A condition of Liquid over the parameters: `total > 100`. */
            if?: string | undefined
            then?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
            else?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
          }[] | undefined
          else?: readonly {
            /** Sends on these channels. */
            send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
            fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
            /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
            until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
            /** beside `send`: how long each of its channels has for that, such as 10m */
            within?: string | undefined
            /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
            wait?: {
              /** a duration such as 30m or 2d */
              for: string
              /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
              unless?: 'seen' | 'read' | 'acknowledged' | {
                event: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            } | undefined
            /** Gathers what happens within a time, and goes on once for all of it. */
            digest?: {
              /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
              window: string | {
                every: 'hour' | 'day' | 'week'
                /** a local time such as 09:00 */
                at?: string | undefined
                on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
              }
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
              /** The first goes on at once; what follows it is gathered. */
              first_now?: boolean | undefined
              /** How many of the events `digest.items` has; 10 unless said otherwise. */
              show?: number | undefined
              /** So many events close it before its time. */
              close_at?: number | undefined
            } | undefined
            /** Lets so many through within a time, for each person; the others end here. */
            throttle?: {
              limit: number
              /** a duration such as 1h */
              per: string
              /** Liquid over the parameters: what comes out alike belongs together. */
              key?: string | undefined
            } | undefined
            /** A condition of Liquid over the parameters: `total > 100`. */
            if?: string | undefined
            then?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
            else?: readonly {
              /** Sends on these channels. */
              send?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: channels that are tried one after the other, each only when all before it have failed. */
              fallback?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | undefined
              /** Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise. */
              until?: 'sent' | 'delivered' | 'seen' | 'read' | 'acknowledged' | undefined
              /** beside `send`: how long each of its channels has for that, such as 10m */
              within?: string | undefined
              /** Waits; when what stands in `unless` happens meanwhile, the plan ends. */
              wait?: {
                /** a duration such as 30m or 2d */
                for: string
                /** seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters} */
                unless?: 'seen' | 'read' | 'acknowledged' | {
                  event: string
                  /** Liquid over the parameters: what comes out alike belongs together. */
                  key?: string | undefined
                } | undefined
              } | undefined
              /** Gathers what happens within a time, and goes on once for all of it. */
              digest?: {
                /** a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in the person's time zone */
                window: string | {
                  every: 'hour' | 'day' | 'week'
                  /** a local time such as 09:00 */
                  at?: string | undefined
                  on?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday' | undefined
                }
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
                /** The first goes on at once; what follows it is gathered. */
                first_now?: boolean | undefined
                /** How many of the events `digest.items` has; 10 unless said otherwise. */
                show?: number | undefined
                /** So many events close it before its time. */
                close_at?: number | undefined
              } | undefined
              /** Lets so many through within a time, for each person; the others end here. */
              throttle?: {
                limit: number
                /** a duration such as 1h */
                per: string
                /** Liquid over the parameters: what comes out alike belongs together. */
                key?: string | undefined
              } | undefined
            }[] | undefined
          }[] | undefined
        }[] | undefined
      }[] | undefined
      /** Beside a plan with `"until": "acknowledged"`: one answer is enough for all who are asked. Left out: each has to answer. */
      acknowledge?: {
        /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
        by?: 'any' | 'each' | undefined
        /** Whom to ask when nobody has answered and everybody's plan is over: one entry after the other, each going through the plan. A topic, or a list, asks several at once. */
        escalate_to?: readonly (string | {
          /** A topic, or Liquid over the parameters. */
          topic: string
        })[] | undefined
      } | undefined
      /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
      thread?: 'replace' | 'keep' | undefined
      /** Only those hear about it who have subscribed to it. */
      opt_in?: boolean | undefined
      /** how often and how fast failed deliveries are tried again: {"attempts", "delay", "backoff"}, for all channels or by channel as in {"email": {…}}, or null for the usual */
      retry?: {
        attempts: number
        /** a duration such as 15s, 10m or 24h */
        delay: string
        backoff: 'fixed' | 'exponential'
      } | {
        email?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        sms?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        push?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        telegram?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        slack?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        discord?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        teams?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
        webhook?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        } | undefined
      } | null | undefined
      /** a duration such as 72h or 30d: how long notifications and their texts are kept once they have ended; left out: what BELFRY_RETENTION says now */
      retention?: string | undefined
      /** what people read instead of a text that cannot be written: {"title", "body"}, or null for the usual words */
      fallback?: {
        title: string
        body: string
      } | null | undefined
      /** Data sources, by the name that templates read: {"order": {"url": …}} is asked before a text is written, and its JSON is `data.order`. */
      data?: Record<string, {
        /** Liquid over the parameters, `event` and `workspace`, behind a host that is written out. Values are percent-encoded. */
        url: string
        /** a duration such as 5s, at most 10s: how long it may take in all; left out: 2s */
        timeout?: string | undefined
        /** a duration such as 60s, at most 24h: how long an answer may be used again; left out: not at all */
        cache?: string | undefined
        /** True: what reads it waits for it, and is not sent without it. False, or left out: when it fails it is absent. */
        required?: boolean | undefined
        /** Sent along, such as {"authorization": "Bearer …"}. Values are kept encrypted and shown as null; null keeps the value there is. */
        headers?: Record<string, string | null> | undefined
      }> | undefined
      /** {"start", "end"} as times of day: when deliveries may go out, by the clock of the recipient; null: at any time */
      hours?: {
        /** a time of day: 08:00 */
        start: string
        /** a time of day: 22:00; earlier than the start when it is after midnight */
        end: string
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
      /** With a plan: those it may send on. */
      channels: string[]
      /** The steps. */
      plan?: unknown[]
      acknowledge?: {
        /** `any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: everybody has to answer for themselves. */
        by?: 'any' | 'each'
        escalate_to?: unknown[]
      }
      /** What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left out) takes its place, also in the feed; `keep` leaves it, for conversations. */
      thread?: 'replace' | 'keep'
      opt_in: boolean
      retry: {
        attempts: number
        /** a duration such as 15s, 10m or 24h */
        delay: string
        backoff: 'fixed' | 'exponential'
      } | {
        email?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        sms?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        push?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        telegram?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        slack?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        discord?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        teams?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
        webhook?: {
          attempts: number
          /** a duration such as 15s, 10m or 24h */
          delay: string
          backoff: 'fixed' | 'exponential'
        }
      } | null
      retention: string
      fallback: {
        title: string
        body: string
      } | null
      /** Data sources by name; values of headers are not shown. */
      data?: Record<string, unknown>
      /** When its deliveries may go out; null: at any time; absent: as the workspace says. */
      hours?: {
        /** a time of day: 08:00 */
        start: string
        /** a time of day: 22:00; earlier than the start when it is after midnight */
        end: string
      } | null
      /** Which channels have no template yet, and what templates do not fit the type any more. Only in the answer to PUT. */
      warnings?: {
        /** Where `pointer` leads into a template: its channel/locale. */
        template?: string
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
   * What holds for everybody who has said nothing about it: the event type before its category, the category before the channel. What is left out is on. `hours` are when deliveries may go out by the clock of the recipient; left out: as the server is set up. Once this is answered it holds for everything that has not begun, whatever was planned before.
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
      /** {"start", "end"} as times of day: when deliveries may go out, by the clock of the recipient; null: at any time */
      hours?: {
        /** a time of day: 08:00 */
        start: string
        /** a time of day: 22:00; earlier than the start when it is after midnight */
        end: string
      } | null | undefined
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
      /** When deliveries may go out; null: at any time of day. */
      hours: {
        /** a time of day: 08:00 */
        start: string
        /** a time of day: 22:00; earlier than the start when it is after midnight */
        end: string
      } | null
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
        /** a time of day: 08:00; earlier than the start when it is over the night, never the start itself */
        end: string
      } | null
      /** By `thread_key`: nothing of them is heard but what is critical. */
      muted_threads: Record<string, boolean>
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
   * Create or change a schedule
   *
   * The whole definition: what is left out gets its default, except `is_paused`. What it says is checked as a request for it would be. Answers when it comes next.
   *
   * Scope: `config:write`.
   */
  putSchedule: {
    path: {
      /** letters, digits and _ . - as in weekly-report or team.monday */
      key: string
    }
    body: {
      /** What is said each time, as POST /events takes it. */
      event?: {
        type: string
        params?: Record<string, unknown> | undefined
        /** Critical goes first and cannot be muted. */
        level?: 'standard' | 'critical' | undefined
        /** Ties messages on one subject together. */
        thread_key?: string | undefined
      } | undefined
      /** Instead of an event: a text, as POST /notifications takes it. */
      message?: {
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
        /** Ties messages on one subject together. */
        thread_key?: string | undefined
        /** Tried one after the other, each only when all before it have failed. "others": every other channel that goes out, for whatever address there is. */
        fallback_channels?: readonly ('in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook')[] | 'others' | undefined
        /** How long each channel has. Left out: until it has failed; one that may have taken the message is waited for. */
        fallback_after?: string | undefined
        /** How often all of it is tried again, for the people it failed for. With it, or with `fallback_channels`, one failure of a channel is enough for the next to be tried. */
        max_retries?: number | undefined
        /** The pause before that; 15s unless said otherwise. */
        retry_delay?: string | undefined
      } | undefined
      /** Subscriber ids and topics. Needed unless the event type names somebody. */
      to?: readonly (string | {
        /** The members of a topic. */
        topic: string
      })[] | undefined
      /** minute, hour, day of the month, month, day of the week: `0 9 * * MON`. Names, lists, ranges, steps, `L`, `15W`, `FRI#2`, @daily */
      cron: string
      /** an IANA zone, in whose local time the pattern is; null: each person in their own */
      timezone?: string | null | undefined
      /** nothing comes before it */
      starts_at?: string | Date | null | undefined
      /** nothing comes at or after it */
      ends_at?: string | Date | null | undefined
      /** a duration, such as 30m or 2d: after a standstill the last one is made up for unless it is later than that */
      catch_up?: string | undefined
      /** Left out: as it was, and false at first. */
      is_paused?: boolean | undefined
    }
    answer: {
      key: string
      event: Record<string, unknown> | null
      message: Record<string, unknown> | null
      to: unknown[]
      cron: string
      timezone: string | null
      starts_at: string | null
      ends_at: string | null
      catch_up: string
      is_paused: boolean
      status: 'active' | 'paused' | 'ended'
      /** The next three. */
      next_times: {
        /** When; for a schedule in many zones, when it comes in the first of them. */
        time: string
        /** What the clock on the wall is to show. */
        local_time: string
        /** Null: in many. */
        timezone: string | null
      }[]
      created_at: string
      updated_at: string
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
        /** where the recipients are: an IANA name */
        timezone?: string | null | undefined
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
      /** Those of the addresses that get nothing more, until POST /suppressions/clear. */
      suppressed: {
        channel: string
        address: string
        /** Dead, as its provider said; bounced; a complaint of spam; the person said STOP. */
        reason: 'gone' | 'bounced' | 'complained' | 'stopped'
        /** The vendor's word for it. */
        code: string | null
        provider: string | null
        at: string
      }[]
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
   * Mark everything in the feed as read
   *
   * What is archived or snoozed stays as it is, and so does what comes meanwhile.
   *
   * Scope: `notifications:write`.
   */
  readAll: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    body: {
      /** Only those of this category; `none`: of none. */
      category?: string | undefined
    }
    answer: {
      /** How many were changed. */
      count: number
    }
  }
  /**
   * Mark everything in the feed as read
   *
   * What is archived or snoozed stays as it is, and so does what comes meanwhile.
   *
   * Needs a token of the subscriber.
   */
  readMyAll: {
    body: {
      /** Only those of this category; `none`: of none. */
      category?: string | undefined
    }
    answer: {
      /** How many were changed. */
      count: number
    }
  }
  /**
   * Take what a provider's vendor tells of messages
   *
   * Delivered, bounced, complained of; or that somebody said STOP. In the form of the vendor, and with its signature. What came before changes nothing.
   *
   * Needs no key.
   */
  receiveReceipts: {
    path: {
      /** The provider. */
      provider_id: string
    }
    body: unknown
    answer: null | {
      method: string
      chat_id: string
      text: string
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
          /** What named it. */
          from: 'request' | 'event_type' | 'otherwise' | 'escalation'
          /** Asked when nobody before has answered: 1 first, then 2. */
          level?: number
          /** Only those who are in this time zone, */
          zone?: string
          /** as far as this local time is concerned. */
          label?: string
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
        /** Instead of `scheduled_time`: by the clock of each recipient. */
        local_scheduled_time: string | null
        /** As the request gave it. Null: where each recipient is. */
        timezone: string | null
        expires_at: string | null
        thread_key: string | null
        /** The event of which this is a repetition. */
        replay_of: string | null
        created_at: string
        processed_at: string | null
        processing_ms: number | null
        cancelled_at: string | null
        /** The schedule it is of. */
        schedule: string | null
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
        /** Where one answer is enough for all who are asked: the first. Null: none so far. */
        answer: {
          answered_at: string
          /** Whose notification it was; null once that is forgotten. */
          recipient_id: string | null
          notification_id: string | null
          via: 'link' | 'inbox' | 'api' | null
          /** Who answered, as the API was told; null: the recipient. */
          by: string | null
          /** Deliveries and plans of others that it stopped. */
          stopped: number
          /** Deliveries of others that had begun. */
          in_flight: number
        } | null
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
        code: 'malformed_request' | 'invalid_json' | 'invalid_payload' | 'invalid_cursor' | 'invalid_idempotency_key' | 'unknown_level' | 'unknown_version' | 'unauthenticated' | 'not_authentic' | 'insufficient_scope' | 'not_found' | 'method_not_allowed' | 'not_a_test_workspace' | 'wrong_status' | 'idempotency_in_progress' | 'dedupe_key_reused' | 'already_exists' | 'changed_meanwhile' | 'payload_too_large' | 'unsupported_media_type' | 'invalid_request' | 'idempotency_key_reused' | 'unknown_event_type' | 'invalid_params' | 'unknown_recipient' | 'no_recipients' | 'invalid_template' | 'invalid_catalog' | 'invalid_schema' | 'invalid_provider_settings' | 'cannot_be_muted' | 'data_source_failed' | 'rate_limited' | 'internal_error' | 'overloaded' | 'data_source_unavailable' | 'unavailable'
        detail: string
      }[]
      /** There may be more: send it as `after`. Null when the range is done. */
      next_after: string | null
    }
  }
  /**
   * Tell a hook again
   *
   * One message, or all of a range that have ended: the same ids and bodies, with another round of attempts. Messages are kept for 7 days. What still waits goes on as it was, and is not counted.
   *
   * Scope: `config:write`.
   */
  replayHook: {
    path: {
      /** The hook. */
      id: string
    }
    body: {
      /** One message, as `webhook-id` names it. */
      message_id?: string | undefined
      /** Messages made then or later. */
      since?: string | Date | undefined
      /** Messages made before. */
      until?: string | Date | undefined
      /** Only those that ended so. */
      status?: 'failed' | 'delivered' | undefined
    }
    answer: {
      status: 'success'
      message: string
      /** Messages. */
      replayed: number
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
   * Let a provider go on
   *
   * Whoever paused it, a person or its breaker: it gets everything again, at once.
   *
   * Scope: `operate:write`.
   */
  resumeProvider: {
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
      weight: number
      rate_limit: {
        per_second: number
      } | null
      critical_may_double: boolean
      enabled: boolean
      /** Without the secrets. */
      settings: Record<string, unknown>
      /** The names of the secrets that are set. */
      secrets: string[]
      health: {
        /** closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is well. recovering: it is, and gets more step by step. paused: by hand. */
        state: 'closed' | 'recovering' | 'half_open' | 'open' | 'paused'
        since: string | null
        reason: string | null
        next_probe_at: string | null
        /** Of the last minute, in all processes. */
        attempts: number
        /** Of these: those that speak against the provider. */
        failed: number
        /** Of these: answered after five seconds or later. */
        slow: number
        average_ms: number | null
        /** Deliveries that wait for it, up to 100,000. */
        waiting: number
      }
      created_at: string
      updated_at: string
    }
  }
  /**
   * Let a schedule go on
   *
   * Scope: `config:write`.
   */
  resumeSchedule: {
    path: {
      /** letters, digits and _ . - as in weekly-report or team.monday */
      key: string
    }
    answer: {
      key: string
      event: Record<string, unknown> | null
      message: Record<string, unknown> | null
      to: unknown[]
      cron: string
      timezone: string | null
      starts_at: string | null
      ends_at: string | null
      catch_up: string
      is_paused: boolean
      status: 'active' | 'paused' | 'ended'
      /** The next three. */
      next_times: {
        /** When; for a schedule in many zones, when it comes in the first of them. */
        time: string
        /** What the clock on the wall is to show. */
        local_time: string
        /** Null: in many. */
        timezone: string | null
      }[]
      created_at: string
      updated_at: string
    }
  }
  /**
   * Try again what failed of what came of an event
   *
   * Deliveries that ended as `failed` or `unknown` get a new round of attempts, counted on from those there were. One that is `unknown` may reach its person twice.
   *
   * Scope: `events:write`.
   */
  retryEvent: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      event_id: string
      message: string
      /** Deliveries, and plans that waited. */
      retried: number
      /** Deliveries that have not ended. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Try again what failed of a notification
   *
   * Deliveries that ended as `failed` or `unknown` get a new round of attempts, counted on from those there were. One that is `unknown` may reach its person twice. 409 with `current_status` when there is nothing of it to do this with.
   *
   * Scope: `notifications:write`.
   */
  retryNotification: {
    path: {
      id: string
    }
    answer: {
      status: 'success'
      message: string
      notification_id: string
    }
  }
  /**
   * Try again what failed of all notifications that filters find
   *
   * The filters of GET /notifications, at least one. What an event leads to later is not among them. Deliveries that ended as `failed` or `unknown` get a new round of attempts, counted on from those there were. One that is `unknown` may reach its person twice.
   *
   * Scope: `notifications:write`.
   */
  retryNotifications: {
    body: {
      /** one of scheduled, processing, sent, delivered, failed, cancelled, skipped, unknown, pending, in any case; pending: not finished yet */
      status?: string | undefined
      /** Among the channels it was to go by. */
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      recipient_id?: string | undefined
      event_id?: string | undefined
      type?: string | undefined
      thread_key?: string | undefined
      /** An IANA name, in capitals or not. */
      timezone?: string | undefined
      /** Made then or later. */
      since?: string | Date | undefined
      /** Made before. */
      until?: string | Date | undefined
      /** Only count what it would come to. */
      dry_run?: boolean | undefined
    }
    answer: {
      status: 'success'
      message: string
      dry_run: boolean
      /** Deliveries, and plans that waited. */
      retried: number
      /** Deliveries that have not ended. */
      in_flight: number
      /** The others: they had ended. */
      done: number
    }
  }
  /**
   * Try again what failed of a thread
   *
   * Of all events with this `thread_key`. Deliveries that ended as `failed` or `unknown` get a new round of attempts, counted on from those there were. One that is `unknown` may reach its person twice.
   *
   * Scope: `notifications:write`.
   */
  retryThread: {
    path: {
      thread_key: string
    }
    answer: {
      status: 'success'
      thread_key: string
      message: string
      /** Deliveries, and plans that waited. */
      retried: number
      /** Deliveries that have not ended. */
      in_flight: number
      /** The others: they had ended. */
      done: number
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
   * Give a hook another secret
   *
   * The new one is in the answer and nowhere else. For the time of the overlap (24 hours, if nothing is said) calls carry two signatures, so that the receiver can change over at any moment. Rotated again meanwhile, they carry one more: each secret signs until its own time, 4 old ones at most.
   *
   * Scope: `config:write`.
   */
  rotateHook: {
    path: {
      /** The hook. */
      id: string
    }
    body: {
      /** a duration such as 24h, at most 7d: so long the old secret signs, too */
      overlap?: string | undefined
    } | null
    answer: {
      /** The hook. */
      id: string
      url: string
      description: string
      /** Which results; null: all. */
      types: ('delivery.sent' | 'delivery.delivered' | 'delivery.failed' | 'delivery.cancelled' | 'delivery.skipped' | 'delivery.unknown' | 'delivery.complained' | 'notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.cancelled' | 'notification.skipped' | 'notification.unknown' | 'notification.seen' | 'notification.read' | 'notification.acknowledged' | 'hook.disabled' | 'hook.reset')[] | null
      enabled: boolean
      /** gone: its receiver answered 410. failing: for five days, and ten calls or more, it took nothing. Null while it is enabled. */
      disabled_reason: 'by_hand' | 'gone' | 'failing' | null
      disabled_at: string | null
      /** The first call that failed after the last that did not, or after 36 hours without any. Null: all is well. */
      failing_since: string | null
      /** It fails: before then nothing is called. Null: all is well. */
      not_before: string | null
      /** When it last began anew, since the database was restored: what was about to be told may be missing. */
      reset_at: string | null
      /** Until when a secret of before a rotation signs, too: the last of them. */
      previous_secret_until: string | null
      created_at: string
      updated_at: string
      /** What signs. It is never shown again. */
      secret: string
    }
  }
  /**
   * Have a schedule come once, now
   *
   * For everybody at once, also while it is paused. When it comes by itself does not change.
   *
   * Scope: `events:write`.
   */
  runSchedule: {
    path: {
      /** letters, digits and _ . - as in weekly-report or team.monday */
      key: string
    }
    answer: {
      status: 'success'
      event_id: string
      message: string
    }
  }
  /**
   * Snooze a notification of the feed
   *
   * Until then only the filter `snoozed` shows it. Then it comes back unread, at the top, as if it were new. What was archived is not any more.
   *
   * Scope: `notifications:write`.
   */
  snoozeItem: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    body: {
      /** In the future, at most a year ahead. */
      until: string | Date
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Snooze a notification of the feed
   *
   * Until then only the filter `snoozed` shows it. Then it comes back unread, at the top, as if it were new. What was archived is not any more.
   *
   * Needs a token of the subscriber.
   */
  snoozeMyItem: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    body: {
      /** In the future, at most a year ahead. */
      until: string | Date
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Follow the feed of a subscriber as it changes
   *
   * As `GET /me/stream`, for your server. After 15 minutes, or when the key expires, the stream says `token_expired` and ends: come back with the last position. The same over a WebSocket at `/subscribers/{id}/ws`.
   *
   * Scope: `notifications:read`.
   */
  streamFeed: {
    path: {
      /** The id you gave the subscriber. */
      id: string
    }
    query: {
      /** For those who cannot set a header. */
      last_event_id?: string | undefined
    }
    answer: string
  }
  /**
   * Follow my feed as it changes
   *
   * Server-sent events: `notification.created` and `notification.updated` with the item, `counts`, and `reset` when what was missed cannot be told and the feed is to be loaded again. `id` is the position up to which everything was sent: sent back as `Last-Event-ID` (or `last_event_id`) the stream goes on there without a gap; what was on its way may come again. A comment every 20 seconds. When the token is over the stream says `token_expired` and ends. The same over a WebSocket at `/me/ws`.
   *
   * Needs a token of the subscriber.
   */
  streamMyFeed: {
    query: {
      /** For those who cannot set a header. */
      last_event_id?: string | undefined
    }
    answer: string
  }
  /**
   * Follow what becomes of notifications
   *
   * Server-sent events: each a result as hooks are told it, `{"type", "timestamp", "data"}`, of those that the filters let through. `id` is the position up to which everything was sent: sent back as `Last-Event-ID` (or `last_event_id`) within 50 minutes the stream goes on there without a gap, on any server; what was on its way may come again. `reset`: what was missed cannot be told; GET /notifications shows how things stand. A comment every 20 seconds. What a slow client has not taken waits for it. After 15 minutes, or when the key expires, the stream says `token_expired` and ends: come back with the last position. The same over a WebSocket at `/ws`.
   *
   * Scope: `notifications:read`.
   */
  streamResults: {
    query: {
      /** of results, with commas between them: delivery.sent, delivery.delivered, delivery.failed, delivery.cancelled, delivery.skipped, delivery.unknown, delivery.complained, notification.sent, notification.delivered, notification.failed, notification.cancelled, notification.skipped, notification.unknown, notification.seen, notification.read, notification.acknowledged, hook.disabled, hook.reset */
      types?: string | undefined
      /** Of the delivery; of a notification its first one. */
      channel?: 'in_app' | 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook' | undefined
      status?: 'scheduled' | 'processing' | 'sent' | 'delivered' | 'failed' | 'cancelled' | 'skipped' | 'unknown' | undefined
      /** Of the event: order.shipped. */
      type?: string | undefined
      recipient_id?: string | undefined
      event_id?: string | undefined
      /** For those who cannot set a header. */
      last_event_id?: string | undefined
    }
    answer: string
  }
  /**
   * Try a hook out
   *
   * Calls it once, now, with a message of the type `hook.test`, and says what it answered. Also one that is not enabled. Not repeated, and not in the log. 10 a minute.
   *
   * Scope: `config:write`.
   */
  testHook: {
    path: {
      /** The hook. */
      id: string
    }
    answer: {
      is_ok: boolean
      code: string | null
      detail: string | null
      duration_ms: number
    }
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
        /** By the clock of each recipient, instead of it. */
        local_scheduled_time: string | null
        /** Where the recipients are. */
        timezone: string | null
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
  /**
   * Take a notification of the feed out of the archive
   *
   * Scope: `notifications:write`.
   */
  unarchiveItem: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Take a notification of the feed out of the archive
   *
   * Needs a token of the subscriber.
   */
  unarchiveMyItem: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Take a notification back from its snooze
   *
   * It stands at the top of the feed.
   *
   * Scope: `notifications:write`.
   */
  unsnoozeItem: {
    path: {
      /** The id you gave the subscriber. */
      id: string
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Take a notification back from its snooze
   *
   * It stands at the top of the feed.
   *
   * Needs a token of the subscriber.
   */
  unsnoozeMyItem: {
    path: {
      /** Of the notification. */
      notification_id: string
    }
    answer: {
      /** Of the notification. */
      id: string
      /** Of what happened. */
      event_id: string
      /** The event type; null for a direct message. */
      type: string | null
      /** The category of the event type, as it is now. */
      category: string | null
      level: string
      /** What belongs together. */
      thread_key: string | null
      /** Plain text. Every `url` is one that leads somewhere. */
      content: {
        title?: string
        body: string
        url?: string
        actions?: {
          label: string
          url: string
        }[]
      }
      /** When it came to the feed. */
      created_at: string
      /** When it was first on a screen. */
      seen_at: string | null
      /** When it was first read. */
      read_at: string | null
      /** When it was answered: an action of it was taken. */
      acknowledged_at: string | null
      /** Where one answer is enough for all who were asked: that it came. Nobody need do anything any more. */
      answered: {
        at: string
        /** Who; null: somebody who is not named. */
        by: string | null
      } | null
      /** When it was put away. */
      archived_at: string | null
      /** When it comes back, unread and at the top. */
      snoozed_until: string | null
    }
  }
  /**
   * Pause a channel, let it go on, or change its pace
   *
   * In all workspaces and in every process at once. Attempts under way end as they began; what is due goes as soon as the channel is resumed.
   *
   * Scope: `operate:write`.
   */
  updateChannel: {
    path: {
      channel: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
    }
    body: {
      /** Nothing is begun on it until it is resumed: what is due waits. */
      paused?: boolean | undefined
      /** With `paused`: why, shown to those who look at it. */
      reason?: string | undefined
      /** Attempts at once in each process; null: what each was started with. */
      concurrency?: number | null | undefined
      /** Attempts begun in a second by all processes together; null: any number. */
      rate_limit?: {
        per_second: number
      } | null | undefined
    }
    answer: {
      channel: 'email' | 'sms' | 'push' | 'telegram' | 'slack' | 'discord' | 'teams' | 'webhook'
      /** `unattended`: no process that is heard of delivers on it. */
      status: 'working' | 'paused' | 'unattended'
      /** Why it is paused. */
      reason: string | null
      /** Attempts at once in each process; null: what each was started with. */
      concurrency: number | null
      /** Attempts begun in a second by all processes together; null: any number. */
      rate_limit: {
        per_second: number
      } | null
      /** Processes that deliver on it. */
      workers: number
      /** Attempts under way. */
      busy: number
      /** How many there may be at once, in all processes. */
      places: number
      /** Attempts that ended, on average of the last minute. */
      per_second: number
      /** Deliveries that wait, be it for a later moment. */
      waiting: number
      /** How long ago the oldest that waits was due; null: none is due. */
      oldest_age_seconds: number | null
    }
  }
}

/** Every `code` that a refusal can carry. */
export type ErrorCode =
  | 'already_exists'
  | 'cannot_be_muted'
  | 'changed_meanwhile'
  | 'data_source_failed'
  | 'data_source_unavailable'
  | 'dedupe_key_reused'
  | 'idempotency_in_progress'
  | 'idempotency_key_reused'
  | 'insufficient_scope'
  | 'internal_error'
  | 'invalid_catalog'
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
  | 'not_a_test_workspace'
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
  | 'unknown_version'
  | 'unsupported_media_type'
  | 'wrong_status'
