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
  created_at timestamptz not null default now(),
  is_test boolean not null default false,
  clock_at timestamptz check (is_test or clock_at is null), -- its own time; null: everybody's
  clock_target timestamptz -- of a move that is not over: where it ends
);

-- When it is in a workspace, for what happens in the database itself: in a test workspace its clock may stand.
create function belfry.clock_in(workspace integer) returns timestamptz language sql volatile parallel safe as $$
  select coalesce((select w.clock_at from belfry.workspaces w where w.id = workspace), clock_timestamp())
$$;

-- API keys. Only the SHA-256 of a key is stored; keys are long and random, so no slow hash is needed.
create table belfry.keys (
  workspace_id integer not null references belfry.workspaces (id),
  id uuid not null,
  name text not null,
  hash bytea not null unique,
  last_four text not null, -- characters, to tell keys apart
  scopes text[] not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  api_version text, -- a date: which answers its owner was written for; null before its first use
  primary key (workspace_id, id)
);

create table belfry.event_types (
  workspace_id integer not null references belfry.workspaces (id),
  key text not null,
  version integer not null check (version > 0),
  definition jsonb not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz, -- of the last version: no new events; work in flight and history go on
  data_secrets bytea, -- headers of data sources, sealed; those of the last version are for all of them
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
  priority integer not null default 1, -- the lowest one comes first
  weight integer not null default 1, -- its share among those of its priority
  per_second real, -- how many messages it may be given; null: any number
  may_double boolean not null default false, -- critical ones it may have taken go to another at once
  settings jsonb not null, -- what may be shown
  secrets bytea, -- what may not: encrypted (AES-256-GCM), bound to this row
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, channel, name)
);
-- Serves: findReceiver: vendors say which provider it is, and no workspace.
create unique index providers_id on belfry.providers (id);

-- Breakers of providers that are not simply well, for all processes. `era` grows with each change: what attempts
-- of an earlier one come to says nothing any more.
create table belfry.provider_health (
  workspace_id integer not null references belfry.workspaces (id),
  provider_id uuid not null,
  state text not null check (state in ('closed', 'open', 'paused')),
  era integer not null,
  since timestamptz not null,
  reason text,
  probe_at timestamptz, -- open: when it is tried again
  trips smallint not null, -- how often it has opened without being well in between
  primary key (workspace_id, provider_id)
);

-- What attempts came to lately, as each process saw it: published every few seconds, kept for minutes.
create table belfry.provider_counts (
  workspace_id integer not null references belfry.workspaces (id),
  provider_id uuid not null,
  era integer not null,
  slot timestamptz not null,
  worker text not null,
  answered integer not null,
  failed integer not null,
  slow integer not null,
  duration_ms bigint not null,
  code text, -- of the last failure
  primary key (workspace_id, provider_id, era, slot, worker)
) with (fillfactor = 50);

-- What providers were given where that is limited, by all processes together: `next_at` is when that much time has
-- passed.
create table belfry.paces (
  workspace_id integer not null references belfry.workspaces (id),
  hash text not null, -- the provider, or a hash of it and an address
  per_second double precision not null,
  burst double precision not null,
  given integer not null, -- to whoever asked last
  asked_at timestamptz not null,
  next_at timestamptz not null,
  primary key (workspace_id, hash)
) with (fillfactor = 50);
-- Serves: prunePaces.
create index paces_next on belfry.paces (next_at);

-- The processes that are at work, as each of them says every few seconds.
create table belfry.workers (
  name text primary key, -- its host, its pid and a few letters
  version text not null,
  roles text[] not null,
  is_stopping boolean not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  channels jsonb not null -- of each it delivers on: attempts under way, places for them, those of the last minute
) with (fillfactor = 50);

-- How channels are worked where somebody has said so: by all processes, for all workspaces.
create table belfry.channel_controls (
  channel text primary key,
  is_paused boolean not null default false,
  reason text, -- of the pause
  concurrency integer check (concurrency > 0), -- attempts at once in each process; null: what it was started with
  per_second double precision check (per_second > 0) -- attempts begun by all processes together; null: any number
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
-- Serves: listZones.
create index subscribers_zone on belfry.subscribers (workspace_id, timezone);

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

-- Links by which people tell which account of theirs elsewhere is theirs. Of the code in each only a hash is kept.
create table belfry.account_links (
  workspace_id integer not null,
  hash bytea not null,
  subscriber_id text not null,
  channel text not null check (channel in ('telegram')),
  expires_at timestamptz not null,
  primary key (workspace_id, hash),
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);
-- Serves: the deletion of a subscriber.
create index account_links_subscriber on belfry.account_links (workspace_id, subscriber_id);
-- Serves: pruning.
create index account_links_expires on belfry.account_links (expires_at);

-- What an address is known by where nobody needs to read it: mailboxes are told apart without regard to case.
create function belfry.address_hash(channel text, address text) returns bytea
language sql immutable parallel safe
return sha256(convert_to(case when channel = 'email' then lower(address) else address end, 'UTF8'));

-- Addresses that get nothing more, and why. Only a hash of each is kept, so that one is still left alone when
-- the person it was of is forgotten.
create table belfry.suppressions (
  workspace_id integer not null references belfry.workspaces (id),
  channel text not null,
  hash bytea not null,
  reason text not null check (reason in ('gone', 'bounced', 'complained', 'stopped')),
  code text, -- the vendor's word for it
  provider text, -- its name at the time
  at timestamptz not null,
  primary key (workspace_id, channel, hash)
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
  by_kind text not null check (by_kind in ('key', 'catalog', 'subscriber', 'unsubscribe_link', 'preferences_link',
    'why_link', 'subscriber_update')),
  by_name text, -- of the key, or of who pushed a catalog
  changes jsonb not null, -- [{"field": ["channels", "email"], "before": true, "after": false}]
  changed_at timestamptz not null,
  primary key (workspace_id, seq),
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);
-- Serves: the changes of one person, newest first; the cascade when a subscriber is deleted.
create index preference_changes_subscriber on belfry.preference_changes (subscriber_id, workspace_id, seq);
-- Serves: forgetting what is older than its retention.
create index preference_changes_age on belfry.preference_changes (changed_at);

-- Whose times have changed (a zone, quiet hours, or without a subscriber the hours of all), until what waits for
-- them has been looked at again. Kept for an hour after that: see pipeline/move-times.ts.
create table belfry.moves (
  workspace_id integer not null references belfry.workspaces (id),
  id bigint not null generated always as identity,
  subscriber_id text,
  seq bigint, -- counted with the changes of preferences once it is looked at
  is_done boolean not null default false,
  due_at timestamptz not null, -- when it is looked at, or forgotten
  primary key (workspace_id, id),
  unique nulls not distinct (workspace_id, subscriber_id),
  foreign key (workspace_id, subscriber_id) references belfry.subscribers (workspace_id, id) on delete cascade
);
-- Serves: listDueMoves, deleteOldMoves.
create index moves_due on belfry.moves (is_done, due_at);
-- Serves: changed_preferences.
create index moves_seq on belfry.moves (seq, workspace_id) where seq is not null;

-- Fires after subscribers_moved, by its name: the lock of preferences always comes before the row of a move.
create function belfry.note_zone_change() returns trigger language plpgsql as $$
begin
  insert into belfry.moves (workspace_id, subscriber_id, due_at)
  values (new.workspace_id, new.id, belfry.clock_in(new.workspace_id))
  on conflict (workspace_id, subscriber_id)
    do update set seq = null, is_done = false, due_at = excluded.due_at;
  return null;
end $$;
create trigger subscribers_moved_on after update of timezone on belfry.subscribers
  for each row when (old.timezone is distinct from new.timezone)
  execute function belfry.note_zone_change();

-- Quiet hours are in the zone of the person: whoever has some changes a preference by moving, also where
-- the subscriber is saved (by the API, an import, or with a request). So does whoever a schedule may reach at
-- their own time (domain/zone-moves.ts). Changes of preferences log the zone
-- themselves, and say so in belfry.logs_zones.
create function belfry.log_zone_change() returns trigger language plpgsql as $$
declare
  next_seq bigint;
begin
  if current_setting('belfry.logs_zones', true) = 'on' or not (exists (
    select from belfry.preferences p
    where p.workspace_id = new.workspace_id and p.subscriber_id = new.id and p.document ? 'quiet_hours'
  ) or exists (
    select from belfry.schedules s where s.workspace_id = new.workspace_id and s.timezone is null
  )) then
    return null;
  end if;
  perform pg_advisory_xact_lock(8058, new.workspace_id);
  insert into belfry.preference_heads as h (workspace_id, seq) values (new.workspace_id, 1)
  on conflict (workspace_id) do update set seq = h.seq + 1
  returning seq into next_seq;
  insert into belfry.preference_changes (workspace_id, seq, subscriber_id, by_kind, changes, changed_at)
  values (new.workspace_id, next_seq, new.id, 'subscriber_update', jsonb_build_array(jsonb_build_object(
    'field', jsonb_build_array('timezone'), 'before', old.timezone, 'after', new.timezone)),
    belfry.clock_in(new.workspace_id)); -- after the lock was got: later than what was begun before it
  return null;
end $$;
create trigger subscribers_moved after update of timezone on belfry.subscribers
  for each row when (old.timezone is distinct from new.timezone)
  execute function belfry.log_zone_change();

-- People who asked to be forgotten, until nothing of them is left. Written under the same lock.
create table belfry.erasures (
  workspace_id integer not null references belfry.workspaces (id),
  subscriber_id text not null,
  erased_at timestamptz not null,
  seq bigint not null, -- counted with the changes of preferences
  due_at timestamptz not null, -- when to look again
  position uuid not null default '00000000-0000-0000-0000-000000000000', -- events before it do not name them
  primary key (workspace_id, subscriber_id)
);
-- Serves: listErasures.
create index erasures_due on belfry.erasures (due_at);

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
    where e.workspace_id = workspace and e.seq > since
    union all select m.subscriber_id from belfry.moves m
    where m.workspace_id = workspace and m.seq > since;
end $$;

-- What was asked for, exactly as accepted, and what became of it.
create table belfry.events (
  workspace_id integer not null,
  id uuid not null,
  type text, -- null: a direct message
  type_version integer,
  level text not null check (level in ('standard', 'critical')),
  -- [{"id"} | {"topic"} | {"address"}], in order; then those with "from": "otherwise", and last those with a "level",
  -- who are asked when nobody answers
  audience jsonb not null,
  found integer[] not null default '{}', -- people each entry of the audience led to; shorter: not looked at
  params json not null, -- in the order given: webhooks pass them on
  message jsonb, -- a direct message: its channels and its text
  scheduled_at timestamptz,
  scheduled_local text, -- instead of it: by each person's own clock, '2026-01-15T15:30:00'
  timezone text, -- as it was given; null: each person's own
  expires_at timestamptz,
  thread_key text,
  traceparent text,
  replay_of uuid, -- the event of which this is a repetition
  created_at timestamptz not null default now(),
  status text not null default 'accepted'
    check (status in ('accepted', 'processed', 'no_audience', 'cancelled', 'failed')),
  error text,
  data jsonb, -- what became of its data sources when its first texts were written, [{"at", "decision", "because"}]
  is_erased boolean not null default false, -- its parameters or texts went with a person it named
  recipient_count integer not null default 0,
  processed_at timestamptz,
  cancelled_at timestamptz,
  forced_at timestamptz, -- whoever is found after it hears at once, whatever scheduled_at says
  primary key (workspace_id, id)
) with (fillfactor = 50);

-- Serves: the notifications of a thread.
create index events_thread on belfry.events (thread_key) where thread_key is not null;

-- What recurs. Whoever holds the row makes what is due of it, changes it or stops it: none of these while
-- another is at it.
create table belfry.schedules (
  workspace_id integer not null references belfry.workspaces (id),
  key text not null,
  definition jsonb not null, -- the event or the message, and who hears of it
  cron text not null,
  timezone text, -- null: each person's own
  starts_at timestamptz,
  ends_at timestamptz,
  catch_up text not null, -- a duration: what is later than that is missed
  is_paused boolean not null,
  done_at timestamptz not null, -- what was due up to then is done
  next_at timestamptz, -- when to look again; null: paused, or over
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, key)
);
-- Serves: lockDueSchedules.
create index schedules_due on belfry.schedules (next_at) where next_at is not null;
-- Serves: log_zone_change.
create index schedules_local on belfry.schedules (workspace_id) where timezone is null;

-- What has become of each label of a schedule in each zone: the same one never twice.
create table belfry.occurrences (
  workspace_id integer not null,
  schedule text not null,
  label text not null, -- what the clock on the wall showed: 2027-03-14T02:30; of a run by hand: its moment, in UTC
  zone text not null,
  at timestamptz not null, -- when that was
  status text not null check (status in ('made', 'run', 'missed', 'failed')),
  event_id uuid,
  error text,
  created_at timestamptz not null,
  primary key (workspace_id, schedule, label, zone),
  foreign key (workspace_id, schedule) references belfry.schedules (workspace_id, key) on delete cascade
);
-- Serves: the last ones of a schedule.
create index occurrences_last on belfry.occurrences (workspace_id, schedule, at desc);
-- Serves: findOccurrence, of an event.
create index occurrences_event on belfry.occurrences (event_id) where event_id is not null;
-- Serves: pruning.
create index occurrences_age on belfry.occurrences (at);

-- With which rules of time zones the moments in `schedules` were worked out.
create table belfry.timezone_rules (
  is_only boolean primary key default true check (is_only),
  version text not null
);

-- Events whose audience is not (wholly) found yet. Whoever holds the row lock may add notifications
-- for the event; cancelling deletes the row, so nothing is added after a cancel.
create table belfry.event_queue (
  event_id uuid primary key,
  workspace_id integer not null,
  -- 0 critical, 1 to a few people, 2 to many. Not for claimEvents: 3 and 4, what came through SQL (critical, other)
  -- and is still to be checked.
  lane smallint not null,
  due_at timestamptz not null, -- when it may next be taken; while it is taken: the end of the lease
  epoch integer not null default 0, -- grows each time it is taken: the fence
  cursor jsonb, -- how far the fan-out has come
  failure_count smallint not null default 0, -- in a row: the next try comes later each time
  request jsonb -- lanes 3 and 4: what was asked for and the event does not say, {"level"?, "to"?, "problem"?}
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Serves: claimEvents, claimUnchecked.
create index event_queue_due on belfry.event_queue (lane, due_at);

-- Whom failed events name: no notification leads from a person to them, and an erasure has to.
create table belfry.failed_recipients (
  workspace_id integer not null,
  event_id uuid not null,
  subscriber_id text not null,
  primary key (workspace_id, event_id, subscriber_id)
);
-- Serves: deleteFailedRecipients.
create index failed_recipients_person on belfry.failed_recipients (subscriber_id, workspace_id);

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
  other_channels text not null default '', -- its others, with commas between them
  status text not null check (status in
    ('scheduled', 'processing', 'sent', 'delivered', 'failed', 'cancelled', 'skipped', 'unknown')),
  reason text,
  because text, -- of a reason that is somebody's wish: "turned off email for orders"
  outcome text, -- the best end of any delivery so far; becomes the status when `pending` is 0
  pending smallint not null, -- deliveries that have not ended
  content_id uuid,
  scheduled_at timestamptz,
  timezone text, -- of the event, else the person's own; null: nobody knows it
  begins_at timestamptz, -- scheduled: when the first of it may begin
  is_in_hours boolean not null default true, -- no delivery of it had to wait for a time of day
  created_at timestamptz not null,
  finished_at timestamptz,
  feed smallint not null default 0, -- where the feed shows it: 0 nowhere, 1 unread, 2 read, 3 archived, 4 snoozed
  position uuid, -- in the feed it stands where this id would; null: its own
  arrived_at timestamptz, -- in the feed; null: with its fan-out, or never
  seen_at timestamptz,
  read_at timestamptz,
  archived_at timestamptz,
  snoozed_until timestamptz,
  acknowledged_at timestamptz, -- it was answered: an action of it was taken
  acknowledged_via text check (acknowledged_via in ('link', 'inbox', 'api')),
  acknowledged_by text, -- who did, in words of whoever said it over the API; null: its person
  superseded_by uuid, -- the newer one of its thread that took its place
  retracted_at timestamptz, -- when it was taken out of the feed for that
  -- The status if it is not what most come to, for the index: a value that stays null costs an update nothing.
  unusual text generated always as (case
    when status in ('failed', 'cancelled', 'skipped', 'unknown') then status end) stored,
  primary key (workspace_id, id)
) with (fillfactor = 50);
-- Serves: lists of one type, of one channel (type by type).
create index notifications_type on belfry.notifications
  (type, workspace_id, channel, other_channels, id);
-- Serves: lists of one time zone. Most have none.
create index notifications_timezone on belfry.notifications (lower(timezone), workspace_id, id)
  where timezone is not null;
-- Serves: eraseAnswerer. Most have none.
create index notifications_acknowledged_by on belfry.notifications (acknowledged_by) where acknowledged_by is not null;
-- Serves: lists of what failed and its like.
create index notifications_unusual on belfry.notifications (unusual, workspace_id, id) where unusual is not null;
-- Serves: one person once per event; the notifications of an event.
create unique index notifications_event on belfry.notifications (event_id, recipient);
-- Serves: each part of a person's feed, newest first, and how many are unread; all notifications of one
-- person. One index for all of it: a second one would be paid for by every fan-out.
create index notifications_recipient on belfry.notifications
  (recipient, workspace_id, feed, coalesce(position, id) desc);
-- Serves: listEndedSnoozes.
create index notifications_snoozed on belfry.notifications (snoozed_until) where feed = 4;

-- What has changed, for those who follow it: written in the transaction that changes it, kept for an hour. A
-- reader remembers the snapshot it has read up to, and asks for what that did not show: nothing is missed, in
-- whatever order transactions commit, and nobody waits for a slow one (live/position.ts).
create table belfry.changes (
  workspace_id integer not null,
  id bigint not null generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default clock_timestamp(),
  what text not null check (what in ('created', 'updated', 'removed', 'many')), -- many: more of one feed than is told singly
  event_id uuid, -- of a part of a broadcast
  notification_ids uuid[] not null,
  recipients text[] not null, -- one for each id; many: whose feed; of a broadcast: the first and the last
  primary key (workspace_id, id)
);
-- Serves: listChanges, deleteOldChanges.
create index changes_xid on belfry.changes (xid);

-- Workspaces whose results streams have asked for lately: written down until then, by the database's own clock.
create table belfry.followings (
  workspace_id integer primary key references belfry.workspaces (id),
  until timestamptz not null
);

-- Outgoing webhooks: who is told of results, and how far. A hook has read all that `since` shows; between two
-- pages of what it shows not, also what of `page_until` came up to the row (`page_xid`, `page_id`).
create table belfry.hooks (
  workspace_id integer not null references belfry.workspaces (id),
  id uuid not null,
  url text not null,
  description text not null,
  types text[], -- null: all
  secrets bytea not null, -- encrypted (AES-256-GCM), bound to this row
  is_enabled boolean not null,
  disabled_reason text check (is_enabled = (disabled_reason is null)),
  disabled_at timestamptz,
  failing_since timestamptz, -- the first attempt that failed after the last one that did not, or after a long silence
  last_failed_at timestamptz,
  failure_count integer not null default 0, -- in a row: calls that began when the failure before was known
  not_before timestamptz, -- it fails: nothing of it is called before that
  reset_at timestamptz, -- when it began anew, since its place was of another database
  since pg_snapshot not null default pg_current_snapshot(),
  page_until pg_snapshot,
  page_xid xid8,
  page_id bigint,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);

-- Whose results are written down: those of nobody cost nothing but this question.
create view belfry.followed as
  select workspace_id from belfry.followings where until > clock_timestamp()
  union select workspace_id from belfry.hooks where is_enabled;

-- What becomes of notifications and deliveries, for streams and hooks: written in the transaction that changes
-- them, kept for an hour and until every hook has read it. Read as changes are (live/position.ts). No personal data:
-- who is meant is looked up when it is told.
create table belfry.results (
  workspace_id integer not null,
  xid xid8 not null default pg_current_xact_id(),
  id bigint not null generated always as identity,
  written_at timestamptz not null default clock_timestamp(),
  type text not null, -- delivery.sent
  at timestamptz not null, -- by the clock of the workspace
  notification_id uuid,
  delivery_id uuid,
  hook_id uuid,
  reason text,
  attempt_count smallint,
  primary key (workspace_id, xid, id)
);

-- What hooks are told: one row for each hook and result, taken up with the hook's own `since` in one transaction.
create table belfry.hook_messages (
  workspace_id integer not null,
  id uuid not null,
  hook_id uuid not null,
  type text not null,
  recipient text, -- whose notification it is about
  body text not null, -- the same to the byte in every attempt
  status text not null check (status in ('waiting', 'delivered', 'failed')),
  due_at timestamptz, -- waiting: when it may begin; in flight: the end of the lease; null: it has ended
  worker text, -- null: not in flight
  epoch integer not null default 0, -- grows at each begin and each end: the fence
  attempt_count smallint not null default 0,
  earlier smallint not null default 0, -- attempts of rounds that had ended before a replay
  created_at timestamptz not null,
  waiting_since timestamptz not null, -- when it was made, or told again
  finished_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, hook_id) references belfry.hooks (workspace_id, id) on delete cascade
) with (fillfactor = 70);
-- Serves: claimHookMessages.
create index hook_messages_due on belfry.hook_messages (hook_id, due_at, id) where due_at is not null;
-- Serves: how many of a hook are in flight.
create index hook_messages_running on belfry.hook_messages (hook_id) where worker is not null;
-- Serves: giveUpHookMessages.
create index hook_messages_waiting on belfry.hook_messages (hook_id, waiting_since, id) where due_at is not null;
-- Serves: replays, pruning, the cascade when a hook is deleted.
create index hook_messages_hook on belfry.hook_messages (hook_id, created_at, id);

create table belfry.hook_attempts (
  workspace_id integer not null,
  id uuid not null,
  hook_id uuid not null,
  message_id uuid not null,
  number smallint not null,
  outcome text not null check (outcome in ('delivered', 'failed')),
  code text,
  detail text,
  started_at timestamptz not null,
  duration_ms integer not null,
  primary key (workspace_id, message_id, number),
  foreign key (workspace_id, message_id) references belfry.hook_messages (workspace_id, id) on delete cascade
);
-- Serves: the attempts of a hook, newest first.
create index hook_attempts_hook on belfry.hook_attempts (hook_id, id desc);

-- The newest notification of each person in each thread whose messages replace each other.
create table belfry.threads (
  workspace_id integer not null,
  recipient text not null,
  thread_key text not null,
  notification_id uuid, -- null until the transaction that holds it has stored one
  event_id uuid,
  at timestamptz not null, -- when something was last added
  primary key (workspace_id, recipient, thread_key)
) with (fillfactor = 70);
-- Serves: pruneThreads.
create index threads_at on belfry.threads (at);

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
  step smallint not null default 0, -- the place in its plan from which a later step sent it, or one that waits for it
  is_replaced boolean not null default false, -- it failed, and something else was sent instead
  address text, -- null: there was none
  device text, -- push: what the address leads to, fcm, apns or web
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
create unique index deliveries_notification on belfry.deliveries (notification_id, channel, slot, step);

-- Deliveries that wait (`worker` is null) or are in flight (`worker` is not). An attempt begins when
-- its row here says so, committed before the first byte leaves; it becomes a row of `attempts` when
-- it ends, or when its lease has run out and nobody can say how it ended.
create table belfry.queue (
  delivery_id uuid primary key,
  workspace_id integer not null,
  notification_id uuid not null,
  channel text not null,
  lane smallint not null,
  due_at timestamptz not null, -- waiting: when it may begin; in flight: the end of the lease
  epoch integer not null default 0, -- grows at each begin and each end: the fence
  attempt smallint not null default 0, -- attempts begun so far
  worker text,
  is_begun boolean not null generated always as (worker is not null) stored, -- for the index
  begun_at timestamptz,
  provider_id uuid, -- in flight: null is the sandbox; waiting: the last one
  tried uuid[], -- providers that could not take it just now: others come first
  stays_until timestamptz, -- until then only `provider_id` may have it, which may have taken it already
  is_held boolean not null default false, -- waits for a provider that is paused, or whose breaker is open
  is_cancelled boolean not null default false, -- in flight when cancelled: no further attempt
  is_forced boolean not null default false, -- somebody has said "now": quiet hours do not hold it back
  is_awaited boolean not null default false, -- a plan waits for what becomes of it
  earlier smallint not null default 0, -- attempts of rounds that had ended before somebody had it tried again
  expires_at timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Serves: claimDeliveries (not begun) and listExpiredLeases (begun): neither wades through the other's.
create index queue_due on belfry.queue (channel, lane, is_begun, due_at);
-- Serves: listHeld, releaseHeld. Empty as long as all providers are well.
create index queue_held on belfry.queue (workspace_id, provider_id) where is_held;
-- Serves: lists of what is pending. What begins with its insert never gets in here.
create index queue_waiting on belfry.queue (notification_id, workspace_id) where worker is null;

create table belfry.attempts (
  workspace_id integer not null,
  delivery_id uuid not null,
  number smallint not null,
  provider text not null, -- its name at the time
  outcome text not null check (outcome in ('sent', 'delivered', 'retry', 'failed', 'gone', 'ambiguous')),
  code text,
  detail text,
  because text, -- why through this provider, if another one would have been first
  reference text, -- the vendor's name for the message
  worker text,
  started_at timestamptz not null,
  duration_ms integer, -- null: nobody saw it end
  primary key (workspace_id, delivery_id, number)
);

-- What vendors have told of messages, each report once. It finds its delivery by the id that went out with the message:
-- nothing has to be looked up among attempts. Who is not known yet, or has not ended, is asked about again for a while.
create table belfry.receipts (
  workspace_id integer not null,
  provider_id uuid not null,
  id text not null, -- the vendor's
  delivery_id uuid, -- null: about an address, and done with
  kind text not null check (kind in ('sent', 'delivered', 'bounced', 'complained', 'stopped', 'started', 'linked')),
  is_for_good boolean not null, -- of bounced: nobody is there, now or ever
  code text,
  received_at timestamptz not null,
  due_at timestamptz, -- when to look (again); null: done with
  is_dropped boolean not null default false, -- it never became known what it was about
  primary key (workspace_id, provider_id, id)
) with (fillfactor = 70);
-- Serves: holdDueReceipts, listWaitingSuccesses.
create index receipts_due on belfry.receipts (due_at) where due_at is not null;
-- Serves: the receipts of a delivery.
create index receipts_delivery on belfry.receipts (delivery_id, workspace_id) where delivery_id is not null;
-- Serves: pruning.
create index receipts_received on belfry.receipts (received_at);

-- Notifications whose plan is not over. Each counts as one of the `pending` of its notification.
create table belfry.plan_runs (
  notification_id uuid primary key,
  workspace_id integer not null,
  event_id uuid not null,
  position smallint not null, -- the step it has come to, as domain/plan-steps.ts counts them
  due_at timestamptz, -- when it is looked at next; while it is: the end of the lease; null: once a delivery has ended
  epoch integer not null default 0, -- grows each time it is taken: the fence
  ends_at timestamptz, -- of a wait that has begun
  wake text, -- what happens elsewhere to end the wait: see pipeline/plan-wakes.ts
  is_woken boolean not null default false, -- it has happened
  bucket_id uuid, -- the digest it waits in, whose time is then what counts
  is_forced boolean not null default false, -- somebody has said "now": until its next step
  failure_count smallint not null default 0 -- in a row: the next try comes later each time
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Serves: claimPlanRuns.
create index plan_runs_due on belfry.plan_runs (due_at) where bucket_id is null;
-- Serves: wakePlanRuns.
create index plan_runs_wake on belfry.plan_runs (wake) where wake is not null;
-- Serves: the notifications of a digest.
create index plan_runs_bucket on belfry.plan_runs (bucket_id) where bucket_id is not null;

-- What was decided at the steps of a plan, or done about a notification by hand (position -1), in words.
create table belfry.plan_notes (
  workspace_id integer not null,
  notification_id uuid not null,
  position smallint not null,
  step text not null,
  decision text not null,
  because text not null,
  at timestamptz not null,
  primary key (workspace_id, notification_id, position, decision, at)
);

-- The templates with which an event's plan began: it goes on with the same ones.
create table belfry.plan_pins (
  workspace_id integer not null,
  event_id uuid not null,
  templates jsonb not null,
  primary key (workspace_id, event_id)
);

-- Events that one answer is enough for: who is asked by now, and what the answer was. A row until the event goes.
create table belfry.asks (
  workspace_id integer not null,
  event_id uuid not null,
  level smallint not null default 0, -- who was asked last: 0 its audience, then those of it with this "level"
  due_at timestamptz, -- when it is looked at next; while it is: the end of the lease; null: once a plan of it is over
  epoch integer not null default 0, -- grows each time it is taken: the fence
  asked jsonb not null default '[]', -- each level that was asked, and the end: [{"at", "level", "kind", "afterMs"}]
  ended_at timestamptz, -- nobody else is asked
  answered_at timestamptz,
  notification_id uuid, -- the answered one
  is_stopped boolean not null default false, -- everything else of it has been stopped since
  stopped_count integer not null default 0, -- deliveries and plans
  in_flight_count integer not null default 0,
  primary key (workspace_id, event_id)
) with (fillfactor = 50);
-- Serves: claimAsks.
create index asks_due on belfry.asks (due_at) where due_at is not null;

-- Digests that are still open. Whoever adds to one holds its row until the commit, and so does who closes
-- it; closing removes it.
create table belfry.digest_buckets (
  workspace_id integer not null,
  hash text not null, -- of event type, plan, step, level, person and key
  id uuid not null,
  due_at timestamptz not null,
  shown smallint not null, -- how many of its events a text sees
  close_at integer, -- so many events close it before its time
  count integer not null default 0, -- added so far, whatever was cancelled since
  failure_count smallint not null default 0, -- closing it in vain, in a row: the next try comes later each time
  primary key (workspace_id, hash)
);
-- Serves: lockDueBuckets.
create index digest_buckets_due on belfry.digest_buckets (due_at);
-- Serves: forceDigests; when a notification in a digest goes out.
create index digest_buckets_id on belfry.digest_buckets (id);

-- What a digest came to, for the one notification that goes on for all of them.
create table belfry.digests (
  workspace_id integer not null,
  notification_id uuid not null,
  count integer not null,
  items json not null, -- the parameters of the first of its events
  threads json, -- the thread_key of each of its events, in the same order; null: one event, or none with a thread
  primary key (workspace_id, notification_id)
);

-- Events that end waits, for those who begin to wait only after their fan-out. See pipeline/plan-wakes.ts.
create table belfry.plan_wakes (
  workspace_id integer not null,
  wake text not null,
  at timestamptz not null, -- when the latest of them was accepted
  primary key (workspace_id, wake)
);
-- Serves: pruning.
create index plan_wakes_at on belfry.plan_wakes (at);

-- What waits of plans are ended by: written with each version of an event type, and kept, since what waits by an
-- old one may still be going on. Who finds the people of an event asks here whether anybody waits for it.
create table belfry.awaited_events (
  workspace_id integer not null,
  event text not null,
  type text not null, -- whose plan waits for it
  key text, -- Liquid; null: it has to be about the same person
  unique nulls not distinct (workspace_id, event, type, key)
);

-- How often a plan let something through lately.
create table belfry.throttles (
  workspace_id integer not null,
  hash text not null, -- as of a digest
  count integer not null,
  until timestamptz not null, -- then counting begins anew
  primary key (workspace_id, hash)
);
-- Serves: pruning.
create index throttles_until on belfry.throttles (until);

-- First answers to requests that carried an Idempotency-Key.
create table belfry.idempotency (
  workspace_id integer not null,
  key text not null,
  fingerprint bytea not null,
  status smallint not null,
  body json not null, -- in the order given: the same answer, to the byte
  event_id uuid, -- the one that was made, if it was one
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
  provider text not null default '', -- its name at the time; '': nobody was called
  primary key (workspace_id, minute, worker, channel, status, provider)
) with (fillfactor = 50);

-- How long those took that got through, per minute and worker as above, by steps of domain/latency.ts.
create table belfry.latencies (
  workspace_id integer not null,
  minute timestamptz not null,
  worker text not null,
  channel text not null,
  step smallint not null,
  count bigint not null,
  primary key (workspace_id, minute, worker, channel, step)
) with (fillfactor = 50);

-- Events that were accepted, per minute. Who accepts may do so in a long transaction of his own: each
-- connection counts apart, and has one transaction at a time, so that none ever waits for another's row.
create table belfry.accepted_counts (
  workspace_id integer not null,
  minute timestamptz not null,
  connection integer not null, -- its process in the database
  count bigint not null,
  primary key (workspace_id, minute, connection)
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
create function belfry.status_at(now timestamptz, status text, begins_at timestamptz) returns text
language sql immutable parallel safe
return case when status = 'scheduled' and begins_at <= now then 'processing' else status end;

-- The best of two ends, for a notification with several deliveries.
create function belfry.better(a text, b text) returns text language sql immutable parallel safe
return case
  when a is null then b
  when b is null then a
  when array_position('{skipped,cancelled,failed,unknown,sent,delivered}', a)
     >= array_position('{skipped,cancelled,failed,unknown,sent,delivered}', b) then a
  else b
end;

-- Results are written by the tables they are about, so that no statement can forget to. Statement by statement:
-- a trigger for each row costs ten times as much. plpgsql on purpose: its queries see what was committed by the
-- time the rows were written, and so whoever has begun to follow before (sql/followings.ts).
create function belfry.time_in(workspace integer) returns timestamptz language sql stable
return coalesce((select w.clock_at from belfry.workspaces w where w.id = workspace), clock_timestamp());

-- Nested loops are right for the few rows the plan is made with, and not for the thousands it is kept for.
create function belfry.write_delivery_results() returns trigger language plpgsql
set enable_nestloop = off as $$
begin
  if not exists (select from belfry.followed) then return null; end if;
  if tg_op = 'INSERT' then
    insert into belfry.results (workspace_id, type, at, notification_id, delivery_id, reason, attempt_count)
    select n.workspace_id, 'delivery.' || n.status, coalesce(n.finished_at, belfry.time_in(n.workspace_id)),
      n.notification_id, n.id, n.reason, n.attempt_count
    from new_rows n
    where n.workspace_id in (select workspace_id from belfry.followed)
      and n.status not in ('scheduled', 'processing');
  else
    insert into belfry.results (workspace_id, type, at, notification_id, delivery_id, reason, attempt_count)
    select n.workspace_id, 'delivery.' || t.what, coalesce(n.finished_at, belfry.time_in(n.workspace_id)),
      n.notification_id, n.id, n.reason, n.attempt_count
    from new_rows n
    join old_rows o on o.id = n.id and o.workspace_id = n.workspace_id
    cross join lateral (values
      (1, n.status, n.status <> o.status and n.status not in ('scheduled', 'processing')),
      (2, 'complained', n.reason = 'complained' and o.reason is distinct from 'complained')
    ) t (place, what, is_so)
    where n.workspace_id in (select workspace_id from belfry.followed) and t.is_so
    order by t.place;
  end if;
  return null;
end $$;
create trigger deliveries_inserted after insert on belfry.deliveries
  referencing new table as new_rows for each statement execute function belfry.write_delivery_results();
create trigger deliveries_updated after update on belfry.deliveries
  referencing old table as old_rows new table as new_rows
  for each statement execute function belfry.write_delivery_results();

create function belfry.write_notification_results() returns trigger language plpgsql
set enable_nestloop = off as $$
begin
  if not exists (select from belfry.followed) then return null; end if;
  if tg_op = 'INSERT' then
    insert into belfry.results (workspace_id, type, at, notification_id, reason)
    select n.workspace_id, 'notification.' || n.status,
      coalesce(n.finished_at, belfry.time_in(n.workspace_id)), n.id, n.reason
    from new_rows n
    where n.workspace_id in (select workspace_id from belfry.followed)
      and n.status not in ('scheduled', 'processing');
  else
    insert into belfry.results (workspace_id, type, at, notification_id, reason)
    select n.workspace_id, 'notification.' || t.what, coalesce(t.at, belfry.time_in(n.workspace_id)), n.id, t.reason
    from new_rows n
    join old_rows o on o.id = n.id and o.workspace_id = n.workspace_id
    cross join lateral (values
      (1, n.status, n.finished_at, n.reason,
        n.status <> o.status and n.status not in ('scheduled', 'processing')),
      (2, 'seen', n.seen_at, null, o.seen_at is null and n.seen_at is not null),
      (3, 'read', n.read_at, null, o.read_at is null and n.read_at is not null),
      (4, 'acknowledged', n.acknowledged_at, null,
        o.acknowledged_at is null and n.acknowledged_at is not null)
    ) t (place, what, at, reason, is_so)
    where n.workspace_id in (select workspace_id from belfry.followed) and t.is_so
    order by t.place;
  end if;
  return null;
end $$;
create trigger notifications_inserted after insert on belfry.notifications
  referencing new table as new_rows for each statement execute function belfry.write_notification_results();
create trigger notifications_updated after update on belfry.notifications
  referencing old table as old_rows new table as new_rows
  for each statement execute function belfry.write_notification_results();

insert into belfry.workspaces (key, name) values ('default', 'Default');
