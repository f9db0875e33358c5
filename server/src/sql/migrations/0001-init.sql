-- The first schema. Takes no locks anyone could wait for: everything is new.
--
-- Rules of the house:
--  * `workspace_id` leads every primary key: a row belongs to exactly one workspace. Other indexes of
--    the hot tables lead with what they find by; two that lead with the workspace would be one too many
--    for a planner that has no statistics yet.
--  * Configuration is kept in versions and never overwritten, so that work in flight keeps the
--    version it started with.
--  * What is waiting or in flight has a row in one of two narrow queues (`event_queue`, `queue`).
--    The wide rows beside them are inserted once and updated rarely, never in an indexed column,
--    so that the update stays on its page (HOT).
--  * The hot tables (events, notifications, deliveries, queue, attempts, contents) have no foreign
--    keys: a check per row would cost a quarter of the throughput. They are written by single
--    statements that insert parent and child together, and nothing deletes a parent alone.

create schema if not exists belfry;

create table belfry.workspaces (
  id integer generated always as identity primary key,
  key text not null unique check (key ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name text not null,
  created_at timestamptz not null default now()
);

-- API keys. Only the SHA-256 of a key is stored; keys are long and random, so no slow hash is needed.
create table belfry.keys (
  workspace_id integer not null references belfry.workspaces (id),
  id uuid not null,
  name text not null,
  hash bytea not null unique,
  hint text not null, -- the last four characters, to tell keys apart
  scopes text[] not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (workspace_id, id)
);

create table belfry.event_types (
  workspace_id integer not null references belfry.workspaces (id),
  key text not null,
  version integer not null check (version > 0),
  definition jsonb not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz, -- of the last version: no new events; work in flight and history go on
  primary key (workspace_id, key, version)
);

create table belfry.templates (
  workspace_id integer not null references belfry.workspaces (id),
  event_type text not null,
  channel text not null,
  locale text not null,
  version integer not null check (version > 0),
  content jsonb, -- null: this version ended it
  author text not null, -- the name of the key at the time
  created_at timestamptz not null default now(),
  primary key (workspace_id, event_type, channel, locale, version)
);

-- What templates share: layouts, partials, and translations (named by their locale).
create table belfry.template_parts (
  workspace_id integer not null references belfry.workspaces (id),
  kind text not null check (kind in ('layout', 'partial', 'translations')),
  name text not null,
  version integer not null check (version > 0),
  content jsonb, -- null: this version ended it
  author text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, kind, name, version)
);

create table belfry.providers (
  workspace_id integer not null references belfry.workspaces (id),
  id uuid not null,
  channel text not null,
  kind text not null,
  name text not null,
  priority integer not null default 1,
  settings jsonb not null, -- what may be shown
  secrets bytea, -- what may not: encrypted (AES-256-GCM), bound to this row
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, channel, name)
);

-- Inbound webhooks: what they look like, who may send them, and the event they become. json, not
-- jsonb: parameters and answers keep the order they were written in.
create table belfry.sources (
  workspace_id integer not null references belfry.workspaces (id),
  key text not null,
  definition json not null,
  secrets bytea, -- encrypted (AES-256-GCM), bound to this row
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, key)
);

-- The last requests of each source, for whoever connects a sender: cut, without credentials, written
-- after the answer and in bulk. They may be lost; nothing depends on them.
create table belfry.source_requests (
  workspace_id integer not null,
  source text not null,
  id bigint not null generated always as identity,
  received_at timestamptz not null,
  outcome text not null check (outcome in ('accepted', 'repeated', 'ignored', 'refused')),
  status smallint not null,
  problem jsonb, -- code, detail and errors of a refusal
  event_id uuid,
  headers jsonb not null,
  query jsonb not null,
  body text not null,
  body_bytes integer not null, -- before it was cut
  primary key (workspace_id, source, id),
  foreign key (workspace_id, source) references belfry.sources (workspace_id, key) on delete cascade
);
-- Serves: pruning.
create index source_requests_received on belfry.source_requests (received_at);

create table belfry.subscribers (
  workspace_id integer not null references belfry.workspaces (id),
  id text not null,
  locale text,
  timezone text,
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, id)
);

-- Where a subscriber can be reached. `slot` counts the addresses of one channel (devices for push).
create table belfry.addresses (
  workspace_id integer not null,
  subscriber_id text not null,
  channel text not null,
  slot smallint not null default 0,
  kind text, -- push: fcm, apns or web
  address text not null,
  primary key (workspace_id, subscriber_id, channel, slot),
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);

create table belfry.topics (
  workspace_id integer not null references belfry.workspaces (id),
  key text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, key)
);

create table belfry.topic_members (
  workspace_id integer not null,
  topic text not null,
  subscriber_id text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, topic, subscriber_id),
  foreign key (workspace_id, topic) references belfry.topics (workspace_id, key) on delete cascade,
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);
-- Serves: the topics of one subscriber; the cascade when a subscriber is deleted.
create index topic_members_subscriber on belfry.topic_members (workspace_id, subscriber_id);

-- What a person said about what they want to hear, in the words of the API. Most people say nothing.
create table belfry.preferences (
  workspace_id integer not null,
  subscriber_id text not null,
  document jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, subscriber_id),
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);

-- What holds for everybody who has said nothing, and how many changes of preferences there have been.
create table belfry.preference_heads (
  workspace_id integer primary key references belfry.workspaces (id),
  seq bigint not null,
  defaults jsonb,
  defaults_updated_at timestamptz
) with (fillfactor = 50);

-- Every change of preferences. Also what tells a fan-out that it has read something old: whoever adds a
-- row holds the lock of changed_preferences until commit, so `seq` grows in the order of the commits.
create table belfry.preference_changes (
  workspace_id integer not null,
  seq bigint not null,
  subscriber_id text, -- null: the defaults, so everybody
  by_kind text not null check (by_kind in ('key', 'subscriber', 'unsubscribe_link', 'preferences_link')),
  by_name text, -- of the key
  changes jsonb not null, -- [{"field": ["channels", "email"], "before": true, "after": false}]
  changed_at timestamptz not null,
  primary key (workspace_id, seq),
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);
-- Serves: the changes of one person, newest first; the cascade when a subscriber is deleted.
create index preference_changes_subscriber on belfry.preference_changes (subscriber_id, workspace_id, seq);

-- People who asked to be forgotten, until nothing of them is left. Written under the same lock.
create table belfry.erasures (
  workspace_id integer not null references belfry.workspaces (id),
  subscriber_id text not null,
  erased_at timestamptz not null,
  seq bigint not null, -- counted with the changes of preferences
  primary key (workspace_id, subscriber_id)
);

-- Who changed preferences after the change `since`, or was erased; a null among them means everybody. Until the caller's
-- transaction ends nobody can change any: what begins with that transaction begins before the next change
-- is answered. Volatile and plpgsql on purpose: the query sees what was committed before the lock was got.
create function belfry.changed_preferences(workspace integer, since bigint)
returns table (subscriber_id text) language plpgsql volatile rows 1 as $$
begin
  perform pg_advisory_xact_lock_shared(8058, workspace);
  return query select c.subscriber_id from belfry.preference_changes c
    where c.workspace_id = workspace and c.seq > since
    union all select e.subscriber_id from belfry.erasures e
    where e.workspace_id = workspace and e.seq > since;
end $$;

-- What was asked for, exactly as accepted, and what became of it.
create table belfry.events (
  workspace_id integer not null,
  id uuid not null,
  type text, -- null: a direct message
  type_version integer,
  level text not null check (level in ('standard', 'critical')),
  audience jsonb not null, -- [{"id"} | {"topic"} | {"address"}], in order; those with "from": "otherwise" last
  found integer[] not null default '{}', -- people each entry of the audience led to; shorter: not looked at
  params json not null, -- in the order given: webhooks pass them on
  message jsonb, -- a direct message: its channels and its text
  scheduled_at timestamptz,
  expires_at timestamptz,
  thread_key text,
  traceparent text,
  replay_of uuid, -- the event of which this is a repetition
  created_at timestamptz not null default now(),
  status text not null default 'accepted'
    check (status in ('accepted', 'processed', 'no_audience', 'cancelled', 'failed')),
  error text,
  is_erased boolean not null default false, -- its parameters or texts went with a person it named
  recipient_count integer not null default 0,
  processed_at timestamptz,
  cancelled_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 50);

-- Serves: the notifications of a thread.
create index events_thread on belfry.events (thread_key) where thread_key is not null;

-- Events whose audience is not (wholly) found yet. Whoever holds the row lock may add notifications
-- for the event; cancelling deletes the row, so nothing is added after a cancel.
create table belfry.event_queue (
  event_id uuid primary key,
  workspace_id integer not null,
  lane smallint not null, -- 0 critical, 1 to a few people, 2 to many
  due_at timestamptz not null, -- when it may next be taken; while it is taken: the end of the lease
  epoch integer not null default 0, -- grows each time it is taken: the fence
  cursor jsonb, -- how far the fan-out has come
  failure_count smallint not null default 0 -- in a row: the next try comes later each time
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Serves: claimEvents.
create index event_queue_due on belfry.event_queue (lane, due_at);

-- Code that listens to events of a type, by the name it goes by. It is remembered while its program is
-- away, so that what happens meanwhile waits for it.
create table belfry.listeners (
  workspace_id integer not null references belfry.workspaces (id),
  type text not null,
  name text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, type, name)
);

-- What each listener makes of each event it hears. Written with the event; gone with the event.
create table belfry.listener_runs (
  workspace_id integer not null,
  event_id uuid not null,
  type text not null,
  listener text not null,
  status text not null default 'waiting' check (status in ('waiting', 'running', 'done', 'failed')),
  due_at timestamptz, -- waiting: when it may begin; running: the end of its lease; null: it has ended
  epoch integer not null default 0, -- grows each time it is taken: the fence
  attempt_count smallint not null default 0,
  error text, -- of the last attempt that failed
  worker text,
  started_at timestamptz,
  finished_at timestamptz,
  duration_ms integer, -- of the last attempt
  primary key (workspace_id, event_id, listener)
) with (fillfactor = 70);
-- Serves: claimRuns.
create index listener_runs_due on belfry.listener_runs (type, listener, due_at) where due_at is not null;

-- One event for one subscriber. In-app needs no provider and no delivery row: `content_id` is what
-- the feed shows, and null when in-app is not among the channels.
create table belfry.notifications (
  workspace_id integer not null,
  id uuid not null,
  event_id uuid not null,
  recipient text not null, -- a subscriber's id, or an address given directly
  is_subscriber boolean not null,
  via text[], -- every way that led here (domain/reason.ts); null: named in the request
  type text,
  level text not null,
  channel text not null, -- the first one of the plan
  status text not null check (status in
    ('scheduled', 'processing', 'sent', 'delivered', 'failed', 'cancelled', 'skipped', 'unknown')),
  reason text,
  because text, -- of a reason that is somebody's wish: "turned off email for orders"
  outcome text, -- the best end of any delivery so far; becomes the status when `pending` is 0
  pending smallint not null, -- deliveries that have not ended
  content_id uuid,
  scheduled_at timestamptz,
  created_at timestamptz not null,
  finished_at timestamptz,
  read_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 50);
-- Serves: one person once per event; the notifications of an event.
create unique index notifications_event on belfry.notifications (event_id, recipient);
-- Serves: the feed, and the notifications of one person, newest first.
create index notifications_recipient on belfry.notifications (recipient, workspace_id, id desc);

-- Rendered text, frozen. Shared by all deliveries of an event that read the same. json, not jsonb, which
-- would put the members into another order: what is sent again must be the same to the byte.
create table belfry.contents (
  workspace_id integer not null,
  id uuid not null,
  event_id uuid, -- of a text that is shared, which goes with its event; null: one person's alone
  content json not null,
  primary key (workspace_id, id)
);

create table belfry.deliveries (
  workspace_id integer not null,
  id uuid not null,
  notification_id uuid not null,
  event_id uuid not null, -- of the notification: saves a look-up at every begin
  channel text not null,
  slot smallint not null default 0,
  address text, -- null: there was none
  content_id uuid,
  status text not null check (status in
    ('scheduled', 'processing', 'sent', 'delivered', 'failed', 'cancelled', 'skipped', 'unknown')),
  reason text,
  because text,
  attempt_count smallint not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 50);
-- Serves: the deliveries of a notification; no delivery twice.
create unique index deliveries_notification on belfry.deliveries (notification_id, channel, slot);

-- Deliveries that wait (`worker` is null) or are in flight (`worker` is not). An attempt begins when
-- its row here says so, committed before the first byte leaves; it becomes a row of `attempts` when
-- it ends, or when its lease has run out and nobody can say how it ended.
create table belfry.queue (
  delivery_id uuid primary key,
  workspace_id integer not null,
  channel text not null,
  lane smallint not null,
  due_at timestamptz not null, -- waiting: when it may begin; in flight: the end of the lease
  epoch integer not null default 0, -- grows at each begin and each end: the fence
  attempt smallint not null default 0, -- attempts begun so far
  worker text,
  is_begun boolean not null generated always as (worker is not null) stored, -- for the index
  begun_at timestamptz,
  provider_id uuid, -- null while in flight: the sandbox
  is_cancelled boolean not null default false, -- in flight when cancelled: no further attempt
  expires_at timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Serves: claimDeliveries (not begun) and listExpiredLeases (begun): neither wades through the other's.
create index queue_due on belfry.queue (channel, lane, is_begun, due_at);

create table belfry.attempts (
  workspace_id integer not null,
  delivery_id uuid not null,
  number smallint not null,
  provider text not null, -- its name at the time
  outcome text not null check (outcome in ('sent', 'delivered', 'retry', 'failed', 'gone', 'ambiguous')),
  code text,
  detail text,
  worker text,
  started_at timestamptz not null,
  duration_ms integer, -- null: nobody saw it end
  primary key (workspace_id, delivery_id, number)
);

-- First answers to requests that carried an Idempotency-Key.
create table belfry.idempotency (
  workspace_id integer not null,
  key text not null,
  fingerprint bytea not null,
  status smallint not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, key)
);
-- Serves: pruning.
create index idempotency_created on belfry.idempotency (created_at);

-- What the sandbox caught.
create table belfry.sandbox_messages (
  workspace_id integer not null,
  id uuid not null,
  delivery_id uuid not null,
  notification_id uuid not null,
  channel text not null,
  address text not null,
  content jsonb not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id)
);

-- Deliveries that ended, per minute and worker; written with the outcome, in its transaction.
create table belfry.stats (
  workspace_id integer not null,
  minute timestamptz not null,
  worker text not null, -- workers count apart, so that none waits for another's row
  channel text not null,
  status text not null,
  count bigint not null,
  primary key (workspace_id, minute, worker, channel, status)
) with (fillfactor = 50);

-- How far the clean-up has come: every event before `position` has been looked at. Ids are ordered by
-- time, so the primary key of the events is all that is needed to find the old ones.
create table belfry.prune_marks (
  workspace_id integer not null references belfry.workspaces (id),
  what text not null check (what in ('notifications', 'events')),
  retention text not null, -- a duration: each is walked by itself
  position uuid not null default '00000000-0000-0000-0000-000000000000',
  primary key (workspace_id, what, retention)
);

-- Events that the clean-up came to too early (something of them was pending or ended late), or that have
-- more notifications than go at once.
create table belfry.prune_later (
  workspace_id integer not null,
  event_id uuid not null,
  due_at timestamptz not null, -- when to look again
  after text, -- the recipient up to whom this pass has come
  next_at timestamptz, -- the first moment at which something left by this pass may go
  takes_event boolean not null default false, -- the event's own time is over too
  primary key (workspace_id, event_id)
);
-- Serves: listPostponed.
create index prune_later_due on belfry.prune_later (due_at);

-- Where a notification stands: what was scheduled is being processed once its time has come. Nothing is
-- written then, which would cost a write per notification for a word.
create function belfry.status_at(now timestamptz, status text, scheduled_at timestamptz) returns text
language sql immutable parallel safe
return case when status = 'scheduled' and scheduled_at <= now then 'processing' else status end;

-- The best of two ends, for a notification with several deliveries.
create function belfry.better(a text, b text) returns text language sql immutable parallel safe
return case
  when a is null then b
  when b is null then a
  when array_position('{cancelled,skipped,failed,unknown,sent,delivered}', a)
     >= array_position('{cancelled,skipped,failed,unknown,sent,delivered}', b) then a
  else b
end;

insert into belfry.workspaces (key, name) values ('default', 'Default');
