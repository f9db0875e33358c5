-- The SQL door: belfry.trigger, belfry.notify and belfry.trigger_on_change publish in the caller's own transaction.
-- They store events as an API does; the rows are described in 0001-init.sql. Takes no locks anyone waits for: all is new.
--
-- Rules of the house:
--  * Whoever calls is not trusted. The functions people may call are `security definer` with a fixed search
--    path; nothing else here may be executed by anybody (last statement). Values of other types than PostgreSQL's
--    own are never turned into JSON here: their casts would run with our rights. In the body of a trigger's function
--    every table is named with its schema: the transition tables of a statement, which anybody names, come first.
--  * No backslashes: what they mean is a setting of the session.
--  * All of it is paid for by the application, for each row: plans are made once for a session (`plan_cache_mode`), and
--    what mostly has nothing to do says so before it runs a query. An expression costs a tenth of the smallest query.
--  * What SQL can check is refused at once. The rest (schema, level, audience) is checked by a worker, with the code of
--    POST /events, before anybody is told: such events wait in `event_queue` in lanes of their own.

-- Who may publish where. Written by `belfry sql grant`.
create table belfry.sql_roles (
  workspace_id integer not null references belfry.workspaces (id),
  role text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, role)
);

-- When somebody was last rung, in fiftieths of a second. A sequence, because it is seen at once by everybody and
-- locks nobody: a NOTIFY in every commit would make the commits of the application wait for each other.
create sequence belfry.sql_rings minvalue 0 start 0;

-- Wakes a worker after the commit, unless somebody has just done so: who was rung looks several times. A transaction
-- that may be prepared for a two-phase commit must not ring; then workers look by themselves.
create function belfry.sql_ring() returns void language plpgsql as $$
declare
  slot bigint := extract(epoch from clock_timestamp()) * 50;
begin
  if current_setting('max_prepared_transactions')::integer > 0 then return; end if;
  if (select last_value from belfry.sql_rings) <> slot then
    perform setval('belfry.sql_rings', slot);
    perform pg_notify('belfry_sql', '');
  end if;
end $$;

-- A UUIDv7 with microseconds: what one statement makes has the order in which it was made.
create function belfry.sql_event_id() returns uuid language plpgsql volatile as $$
declare
  us bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
  return lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex(us % 1000 * 4096 / 1000), 3, '0')
    || substr(gen_random_uuid()::text, 20);
end $$;

-- The role that asks: of SET ROLE, else of the session. Within a `security definer` function current_user is its owner.
create function belfry.sql_caller() returns oid language plpgsql stable as $$
begin
  return to_regrole(quote_ident(coalesce(nullif(current_setting('role'), 'none'), session_user::text)))::oid;
end $$;

-- The workspace a role publishes in. Whoever may do anything here anyway (a superuser, the owner of the schema) needs no
-- grant and means the workspace "default" unless another is named or granted.
create function belfry.sql_workspace(caller oid, wanted text) returns integer language plpgsql stable as $$
declare
  is_owner boolean := (select pg_has_role(caller, nspowner, 'usage') from pg_namespace where nspname = 'belfry');
  caller_name text := pg_get_userbyid(caller);
  found_ids integer[];
begin
  select array_agg(distinct g.workspace_id) into found_ids
  from belfry.sql_roles g
  where (wanted is null or g.workspace_id = (select w.id from belfry.workspaces w where w.key = wanted))
    and (g.role = caller_name or not is_owner and pg_has_role(caller, to_regrole(quote_ident(g.role))::oid, 'usage'));
  if cardinality(found_ids) = 1 then return found_ids[1]; end if;
  if found_ids is null and is_owner then
    select array_agg(w.id) into found_ids from belfry.workspaces w where w.key = coalesce(wanted, 'default');
    if found_ids is not null then return found_ids[1]; end if;
  end if;
  if found_ids is null then
    raise exception using errcode = '42501',
      message = format('belfry: role "%s" may not publish in %s', caller_name,
        case when wanted is null then 'any workspace' else format('a workspace "%s"', wanted) end),
      hint = format('Whoever runs Belfry can allow it: belfry sql grant %s', quote_ident(caller_name));
  end if;
  raise exception using errcode = '22023',
    message = format('belfry: role "%s" may publish in several workspaces: %s', caller_name,
      (select string_agg(w.key, ', ' order by w.key) from belfry.workspaces w where w.id = any (found_ids))),
    hint = 'Say which: workspace => ''…''';
end $$;

-- What is wrong with parameters; null when nothing is. The limits are those of the API.
create function belfry.sql_params_problem(params jsonb) returns text language plpgsql immutable as $$
declare
  size integer := octet_length(params::text);
begin
  if jsonb_typeof(params) is distinct from 'object' then return '/params must be a JSON object'; end if;
  if size > 262144 then return format('/params has %s bytes; 262144 are the most', size); end if;
  if jsonb_path_exists(params, 'strict $.**{31 to last} ? (@.type() == "object" || @.type() == "array")', '{}', true)
  then return '/params is nested deeper than 31 levels'; end if;
  if jsonb_path_exists(params,
    'strict $.** ? (@.type() == "number" && (@ > 9007199254740991 || @ < -9007199254740991))', '{}', true)
  then return '/params has a number that cannot be kept exactly (it is beyond 2^53); send it as a text'; end if;
  if strpos(params::text, '"__proto__":') > 0 then return '/params has the key "__proto__", which is not allowed'; end if;
  if size <= 2000 then return null; end if;
  if exists (
    select from jsonb_path_query(params, 'strict $.** ? (@.type() == "object")') o
    where (select count(*) from jsonb_object_keys(o)) > 1000)
  then return '/params has an object with more than 1000 keys'; end if;
  if size <= 20000 then return null; end if;
  if jsonb_path_exists(params, 'strict $.** ? (@.type() == "array" && @.size() > 10000)', '{}', true)
  then return '/params has a list with more than 10000 items'; end if;
  if exists (
    select from jsonb_path_query(params, 'strict $.** ? (@.type() == "string")') s where length(s #>> '{}') > 65536)
  then return '/params has a text with more than 65536 characters'; end if;
  return null;
end $$;

create function belfry.sql_control_characters() returns text language plpgsql immutable as $$
begin
  return '[' || chr(1) || '-' || chr(31) || chr(127) || '-' || chr(159) || ']';
end $$;

create function belfry.sql_id_problem(id jsonb) returns text language plpgsql immutable as $$
begin
  return case
    when jsonb_typeof(id) is distinct from 'string' then 'must be a text'
    when length(id #>> '{}') not between 1 and 255 then 'must have 1 to 255 characters'
    when id #>> '{}' ~ belfry.sql_control_characters() then 'must not have control characters'
  end;
end $$;

-- What is wrong with one entry of "to".
create function belfry.sql_recipient_problem(entry jsonb) returns text language plpgsql immutable as $$
declare
  field text;
  value jsonb;
begin
  if jsonb_typeof(entry) is distinct from 'object' then return ' ' || belfry.sql_id_problem(entry); end if;
  if entry ? 'topic' then
    if entry - 'topic' <> '{}' then return ' has more than a topic'; end if;
    return '/topic ' || belfry.sql_id_problem(entry -> 'topic');
  end if;
  if not entry ? 'id' then return ' must be an id, {"topic": …}, or a subscriber with an "id"'; end if;
  for field, value in select * from jsonb_each(entry) loop
    if field = 'id' then
      if belfry.sql_id_problem(value) is not null then return '/id ' || belfry.sql_id_problem(value); end if;
    elsif field in ('email', 'phone', 'locale', 'timezone') then
      if jsonb_typeof(value) not in ('string', 'null') or length(value #>> '{}') > 254 then
        return format('/%s must be a text of at most 254 characters, or null', field);
      end if;
    elsif field in ('data', 'addresses') then
      if belfry.sql_params_problem(value) is not null then
        return format('/%s: %s', field, replace(belfry.sql_params_problem(value), '/params ', ''));
      end if;
    else
      return format('/%s is not known here', field);
    end if;
  end loop;
  return null;
end $$;

-- What is wrong with "to"; null when nothing is, or when there is none.
create function belfry.sql_to_problem(recipients jsonb) returns text language plpgsql immutable as $$
declare
  problem text;
begin
  if recipients is null then return null; end if;
  if jsonb_typeof(recipients) <> 'array' then return '/to must be a list: ids, {"topic": …}, subscribers'; end if;
  if jsonb_array_length(recipients) not between 1 and 1000 then return '/to must have 1 to 1000 entries'; end if;
  if octet_length(recipients::text) > 262144 then
    return format('/to has %s bytes; 262144 are the most', octet_length(recipients::text));
  end if;
  for number in 0 .. jsonb_array_length(recipients) - 1 loop
    problem := belfry.sql_recipient_problem(recipients -> number);
    if problem is not null then return format('/to/%s%s', number, problem); end if;
  end loop;
  return null;
end $$;

-- What is wrong with what events and messages have in common. `moment`: when it is in the workspace.
create function belfry.sql_manner_problem(level text, scheduled timestamptz, on_wall timestamp, zone text, expires timestamptz, thread text,
  moment timestamptz) returns text language plpgsql immutable as $$
begin
  return case
    when level not in ('standard', 'critical') then '/level must be standard or critical'
    when length(thread) not between 1 and 255 then '/thread_key must have 1 to 255 characters'
    when not isfinite(scheduled) or scheduled > moment + interval '366 days'
      then '/scheduled_time is more than 366 days ahead'
    when scheduled < moment - interval '1 minute'
      then '/scheduled_time is in the past; leave it out to send now'
    when scheduled is not null and on_wall is not null then '/scheduled_local says what /scheduled_time says already'
    when not isfinite(on_wall) or on_wall > moment at time zone 'UTC' + interval '366 days 14 hours'
      then '/scheduled_local is more than 366 days ahead'
    when on_wall < moment at time zone 'UTC' - interval '12 hours 1 minute'
      then '/scheduled_local is in the past; leave it out to send now'
    when length(zone) not between 1 and 100 then '/timezone must be an IANA name such as Europe/Lisbon'
    when not isfinite(expires) or expires <= coalesce(scheduled, moment)
      then '/expires_at is over before anything could be sent'
  end;
end $$;

create function belfry.sql_refuse(problem text) returns void language plpgsql as $$
begin
  if problem is not null then
    raise exception using errcode = '22023', message = 'belfry: ' || problem;
  end if;
end $$;

-- "to" that came without a type, as most drivers send it: an array's literal or JSON.
create function belfry.sql_recipients(written text) returns jsonb language plpgsql immutable as $$
begin
  if written ~ '^[[:space:]]*[[]' then return written::jsonb; end if;
  if written is null or written ~ '^[[:space:]]*[{]' then return to_jsonb(written::text[]); end if;
  raise exception using errcode = '22023', message = 'belfry: /to must be a list',
    hint = 'Write array[''ana''] or ''[{"topic": "watchers"}]''.';
end $$;

-- The registered type that looks most like a name: by the pairs of letters they share.
create function belfry.sql_nearest(workspace integer, written text) returns text language sql stable as $$
  select k.key
  from (
    select distinct on (t.key) t.key, t.deleted_at from belfry.event_types t
    where t.workspace_id = workspace order by t.key, t.version desc limit 1000
  ) k
  cross join lateral (
    select 2.0 * count(*) / (length(written) + length(k.key) - 1) as likeness
    from (
      select substr(lower(written), i, 2) from generate_series(1, length(written) - 1) i
      intersect all
      select substr(lower(k.key), i, 2) from generate_series(1, length(k.key) - 1) i
    ) pairs
  ) l
  where k.deleted_at is null and l.likeness > 0.6 and length(written) <= 100
  order by l.likeness desc limit 1
$$;

-- The level a type has of itself; null when it depends. Raises when there is no such type, or nobody would hear.
create function belfry.sql_type_level(workspace integer, wanted text, is_for_nobody boolean)
returns text language plpgsql stable as $$
declare
  known record;
  nearest text;
begin
  select t.deleted_at, t.definition ->> 'level' as level,
    t.definition -> 'audience' = '[]' and t.definition -> 'otherwise' = '[]' as has_no_audience into known
  from belfry.event_types t
  where t.workspace_id = workspace and t.key = wanted
  order by t.version desc limit 1;
  if known is null or known.deleted_at is not null then
    nearest := belfry.sql_nearest(workspace, wanted);
    raise exception using errcode = '42704',
      message = format('belfry: event type "%s" %s', wanted,
        case when known.deleted_at is null then 'is not registered' else 'was deleted' end),
      hint = case when nearest is null then 'Register it first: PUT /event-types/…'
        else format('Did you mean "%s"?', nearest) end;
  end if;
  if known.has_no_audience and is_for_nobody then
    raise exception using errcode = '22023',
      message = format('belfry: event type "%s" has no audience of its own', wanted), hint = 'Say who hears about it in "to".';
  end if;
  return case when known.level in ('standard', 'critical') then known.level end;
end $$;

-- The first event of an idempotency key; null when `new_id` is the first. Waits for a transaction that holds the key.
create function belfry.sql_first_event(workspace integer, new_key text, new_id uuid, asked jsonb)
returns uuid language plpgsql as $$
declare
  asked_print bytea := sha256(convert_to('SQL ' || asked::text, 'UTF8'));
  known record;
begin
  if new_key is null then return null; end if;
  if new_key !~ '^[!-~]{1,255}$' then
    perform belfry.sql_refuse('/idempotency_key takes 1 to 255 visible ASCII characters');
  end if;
  insert into belfry.idempotency (workspace_id, key, fingerprint, status, body)
  values (workspace, new_key, asked_print, 202,
    jsonb_build_object('status', 'success', 'event_id', new_id, 'message', 'Event accepted'))
  on conflict do nothing;
  if found then return null; end if;
  select i.fingerprint, i.body into known from belfry.idempotency i where i.workspace_id = workspace and i.key = new_key;
  if known is null then
    raise exception using errcode = '40001', message = 'belfry: the idempotency key was removed meanwhile; try again';
  end if;
  if known.fingerprint <> asked_print then
    raise exception using errcode = '23505',
      message = format('belfry: the idempotency key "%s" came with a different request before', new_key),
      hint = 'A request over HTTP is always a different one. Use a new key for a new request.';
  end if;
  return (known.body ->> 'event_id')::uuid;
end $$;

-- Ids and topics as an event keeps them; what a subscriber given in full brings is kept in the request.
create function belfry.sql_audience(recipients jsonb) returns jsonb language plpgsql immutable as $$
begin
  if jsonb_typeof(recipients -> 0) = 'string' and jsonb_array_length(recipients) = 1 then
    return jsonb_build_array(jsonb_build_object('id', recipients -> 0));
  end if;
  return (
    select coalesce(jsonb_agg(case
      when jsonb_typeof(e) = 'string' then jsonb_build_object('id', e)
      when e ? 'topic' then e
      else jsonb_build_object('id', e -> 'id') end order by i), '[]')
    from jsonb_array_elements(recipients) with ordinality a (e, i));
end $$;

create function belfry.sql_insert(workspace integer, new_id uuid, new_type text, params jsonb, recipients jsonb,
  known_level text, asked_level text, new_message jsonb, scheduled timestamptz, on_wall timestamp, zone text,
  expires timestamptz, thread text,
  trace text) returns void language plpgsql as $$
declare
  moment timestamptz := belfry.clock_in(workspace);
begin
  with queued as (
    insert into belfry.event_queue (event_id, workspace_id, lane, due_at, request)
    values (new_id, workspace, case when known_level = 'critical' then 3 else 4 end, moment,
      jsonb_strip_nulls(jsonb_build_object('level', asked_level)) || case
        when jsonb_path_exists(recipients, '$[*].id') then jsonb_build_object('to', recipients) else '{}' end)
  )
  insert into belfry.events (workspace_id, id, type, level, audience, params, message, scheduled_at,
    scheduled_local, timezone, expires_at,
    thread_key, traceparent, created_at)
  values (workspace, new_id, new_type, coalesce(known_level, 'standard'),
    coalesce(belfry.sql_audience(recipients), '[]'), params, new_message, scheduled,
    to_char(on_wall, 'YYYY-MM-DD"T"HH24:MI:SS'), zone, expires, thread,
    case when trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then trace end, moment);
  perform belfry.sql_ring();
end $$;

create function belfry.sql_trigger(new_type text, params jsonb, recipients jsonb, level text, scheduled timestamptz,
  on_wall timestamp, zone text, expires timestamptz, thread text, new_key text, wanted_workspace text, trace text) returns uuid language plpgsql as $$
declare
  workspace integer := belfry.sql_workspace(belfry.sql_caller(), wanted_workspace);
  new_id uuid := belfry.sql_event_id();
  first_id uuid;
  type_level text;
begin
  first_id := belfry.sql_first_event(workspace, new_key, new_id,
    jsonb_build_array(new_type, params, recipients, level, extract(epoch from scheduled),
      extract(epoch from expires), thread)
      || case when on_wall is null and zone is null then '[]' else jsonb_build_array(on_wall, zone) end);
  if first_id is not null then return first_id; end if;
  if new_type is null or length(new_type) not between 1 and 200 then
    perform belfry.sql_refuse('/type must have 1 to 200 characters');
  end if;
  perform belfry.sql_refuse(belfry.sql_params_problem(params));
  perform belfry.sql_refuse(belfry.sql_to_problem(recipients));
  perform belfry.sql_refuse(belfry.sql_manner_problem(level, scheduled, on_wall, zone, expires, thread,
    belfry.clock_in(workspace)));
  type_level := belfry.sql_type_level(workspace, new_type, recipients is null);
  perform belfry.sql_insert(workspace, new_id, new_type, params, recipients, coalesce(level, type_level), level, null,
    scheduled, on_wall, zone, expires, thread, trace);
  return new_id;
end $$;

create function belfry.sql_notify(recipients jsonb, channels text[], message text, subject text, body text, template text,
  params jsonb, level text, scheduled timestamptz, on_wall timestamp, zone text, expires timestamptz, thread text, new_key text, wanted_workspace text,
  trace text) returns uuid language plpgsql as $$
declare
  workspace integer := belfry.sql_workspace(belfry.sql_caller(), wanted_workspace);
  new_id uuid := belfry.sql_event_id();
  first_id uuid;
  new_message jsonb := jsonb_build_object('channels', channels)
    || jsonb_strip_nulls(jsonb_build_object('subject', subject, 'body', coalesce(message, body), 'template', template));
begin
  first_id := belfry.sql_first_event(workspace, new_key, new_id,
    jsonb_build_array(new_message, params, recipients, level, extract(epoch from scheduled),
      extract(epoch from expires), thread)
      || case when on_wall is null and zone is null then '[]' else jsonb_build_array(on_wall, zone) end);
  if first_id is not null then return first_id; end if;
  perform belfry.sql_refuse(case
    when recipients is null then '/to must say who gets it'
    when channels is null or cardinality(channels) = 0 or array_position(channels, null) is not null
      then '/channels must name at least one channel'
    when not channels <@ '{in_app,email,sms,push,telegram,slack,discord,teams,webhook}'
      then '/channels must be some of in_app, email, sms, push, telegram, slack, discord, teams, webhook'
    when cardinality(channels) > (select count(distinct c) from unnest(channels) c) then '/channels names one twice'
    when num_nonnulls(message, body, template) <> 1 then 'needs exactly one of "message", "body" and "template"'
    when length(coalesce(message, body)) > 20000 or coalesce(message, body) !~ '[^[:space:]]'
      then format('/%s must have 1 to 20000 characters that can be seen', case when message is null then 'body' else 'message' end)
    when length(subject) > 998 or subject !~ '[^[:space:]]' then '/subject must have 1 to 998 characters that can be seen'
    when length(template) not between 1 and 200 then '/template must have 1 to 200 characters'
  end);
  perform belfry.sql_refuse(belfry.sql_params_problem(params));
  perform belfry.sql_refuse(belfry.sql_to_problem(recipients));
  perform belfry.sql_refuse(belfry.sql_manner_problem(level, scheduled, on_wall, zone, expires, thread,
    belfry.clock_in(workspace)));
  perform belfry.sql_insert(workspace, new_id, null, params, recipients, coalesce(level, 'standard'), level, new_message,
    scheduled, on_wall, zone, expires, thread, trace);
  return new_id;
end $$;

-- What people call. "to" may be an array, JSON, or either of them written as a text without a type.
create function belfry.trigger(type text, params jsonb default '{}', "to" text[] default null, level text default null,
  scheduled_time timestamptz default null, expires_at timestamptz default null, thread_key text default null,
  idempotency_key text default null, workspace text default null, traceparent text default null,
  scheduled_local timestamp default null, timezone text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return belfry.sql_trigger(type, params, to_jsonb("to"), level, scheduled_time,
    scheduled_local, timezone, expires_at, thread_key, idempotency_key,
    workspace, traceparent);
end $$;

create function belfry.trigger(type text, params jsonb, "to" jsonb, level text default null,
  scheduled_time timestamptz default null, expires_at timestamptz default null, thread_key text default null,
  idempotency_key text default null, workspace text default null, traceparent text default null,
  scheduled_local timestamp default null, timezone text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return belfry.sql_trigger(type, params, "to", level, scheduled_time,
    scheduled_local, timezone, expires_at, thread_key, idempotency_key,
    workspace, traceparent);
end $$;

create function belfry.trigger(type text, params jsonb, "to" text, level text default null,
  scheduled_time timestamptz default null, expires_at timestamptz default null, thread_key text default null,
  idempotency_key text default null, workspace text default null, traceparent text default null,
  scheduled_local timestamp default null, timezone text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return belfry.sql_trigger(type, params, belfry.sql_recipients("to"), level, scheduled_time,
    scheduled_local, timezone, expires_at, thread_key,
    idempotency_key, workspace, traceparent);
end $$;

create function belfry.notify("to" text[], channels text[], message text default null, subject text default null,
  body text default null, template text default null, params jsonb default '{}', level text default null,
  scheduled_time timestamptz default null, expires_at timestamptz default null, thread_key text default null,
  idempotency_key text default null, workspace text default null, traceparent text default null,
  scheduled_local timestamp default null, timezone text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return belfry.sql_notify(to_jsonb("to"), channels, message, subject, body, template, params, level, scheduled_time,
    scheduled_local, timezone, expires_at, thread_key, idempotency_key, workspace, traceparent);
end $$;

create function belfry.notify("to" jsonb, channels text[], message text default null, subject text default null,
  body text default null, template text default null, params jsonb default '{}', level text default null,
  scheduled_time timestamptz default null, expires_at timestamptz default null, thread_key text default null,
  idempotency_key text default null, workspace text default null, traceparent text default null,
  scheduled_local timestamp default null, timezone text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return belfry.sql_notify("to", channels, message, subject, body, template, params, level, scheduled_time,
    scheduled_local, timezone, expires_at, thread_key, idempotency_key, workspace, traceparent);
end $$;

create function belfry.notify("to" text, channels text[], message text default null, subject text default null,
  body text default null, template text default null, params jsonb default '{}', level text default null,
  scheduled_time timestamptz default null, expires_at timestamptz default null, thread_key text default null,
  idempotency_key text default null, workspace text default null, traceparent text default null,
  scheduled_local timestamp default null, timezone text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return belfry.sql_notify(belfry.sql_recipients("to"), channels, message, subject, body, template, params, level,
    scheduled_time, scheduled_local, timezone, expires_at, thread_key, idempotency_key, workspace, traceparent);
end $$;

-- What is wrong with the options of a trigger; a mistake of whoever wrote it, found at the first change.
create function belfry.sql_options_problem(o jsonb) returns text language plpgsql immutable as $$
declare
  known constant text[] := '{types,when_changed,columns,without,to,thread_key,level,workspace,on_error}';
begin
  if jsonb_typeof(o) <> 'object' then return 'the options must be a JSON object'; end if;
  if o - known <> '{}' then
    return format('"%s" is no option: %s', (select min(k) from jsonb_object_keys(o - known) k), array_to_string(known, ', '));
  end if;
  return case
    when o ? 'types' and (jsonb_typeof(o -> 'types') <> 'object' or (o -> 'types') - '{insert,update,delete}'::text[] <> '{}')
      then '"types" says {"insert": …, "update": …, "delete": …}; null publishes nothing'
    when o ? 'when_changed' and jsonb_typeof(o -> 'when_changed') <> 'object'
      then '"when_changed" says {column: event type}'
    when jsonb_typeof(coalesce(o -> 'columns', '[]')) <> 'array' then '"columns" is a list of columns'
    when jsonb_typeof(coalesce(o -> 'without', '[]')) <> 'array' then '"without" is a list of columns'
    when o ->> 'level' not in ('standard', 'critical') then '"level" is standard or critical'
    when o ->> 'on_error' not in ('record', 'raise') then '"on_error" is record or raise'
  end;
end $$;

-- A pattern with the values of a row in place of its {columns}; null when one of them is.
create function belfry.sql_filled(pattern text, from_row jsonb) returns text language plpgsql immutable as $$
declare
  name text;
  result text := pattern;
begin
  if pattern is null then return null; end if;
  for name in select distinct m[1] from regexp_matches(pattern, '[{]([^{}]+)[}]', 'g') m loop
    if not from_row ? name then
      raise exception using errcode = '42703', message = format('belfry: the table has no column "%s"', name);
    end if;
    result := replace(result, '{' || name || '}', from_row ->> name);
  end loop;
  return result;
end $$;

-- Who hears of a change: columns that hold ids, one or a list of them, and {"topic": "pattern"}. Null: only whom the
-- event type names.
create function belfry.sql_change_recipients(wanted jsonb, from_row jsonb) returns jsonb language plpgsql immutable as $$
declare
  entry jsonb;
  result jsonb := '[]';
  topic text;
begin
  if wanted is null then return null; end if;
  if jsonb_typeof(wanted) = 'string' and jsonb_typeof(from_row -> (wanted #>> '{}')) = 'string' then
    return jsonb_build_array(from_row -> (wanted #>> '{}'));
  end if;
  for entry in select * from jsonb_array_elements(case jsonb_typeof(wanted) when 'array' then wanted else jsonb_build_array(wanted) end) loop
    if entry ? 'topic' then
      topic := belfry.sql_filled(entry ->> 'topic', from_row);
      if topic is not null then result := result || jsonb_build_object('topic', topic); end if;
    elsif jsonb_typeof(entry) <> 'string' then
      raise exception using errcode = '22023', message = 'belfry: "to" names columns, or {"topic": "watchers:{id}"}';
    elsif not from_row ? (entry #>> '{}') then
      raise exception using errcode = '42703', message = format('belfry: the table has no column "%s"', entry #>> '{}');
    else
      result := result || (
        select coalesce(jsonb_agg(id), '[]') from (
          select v #>> '{}' as id
          from jsonb_array_elements(case jsonb_typeof(from_row -> (entry #>> '{}'))
            when 'array' then from_row -> (entry #>> '{}') else jsonb_build_array(from_row -> (entry #>> '{}')) end) v
          where jsonb_typeof(v) <> 'null') ids);
    end if;
  end loop;
  return nullif(result, '[]');
end $$;

-- Integers that JSON's readers could not keep, as texts.
create function belfry.sql_exact(from_row jsonb) returns jsonb language plpgsql immutable as $$
begin
  if jsonb_path_exists(from_row, 'strict $.* ? (@.type() == "number" && (@ > 9007199254740991 || @ < -9007199254740991))',
    '{}', true)
  then
    return (
      select jsonb_object_agg(key, case when jsonb_typeof(value) = 'number' and abs(value::numeric) > 9007199254740991
        then to_jsonb(value #>> '{}') else value end)
      from jsonb_each(from_row));
  end if;
  return from_row;
end $$;

-- The events that a change of one row is. Nothing changed: none.
create function belfry.sql_changes(prefix text, o jsonb, new_row jsonb, old_row jsonb)
returns table (type text, params jsonb, recipients jsonb, thread text, problem text) language plpgsql volatile as $$
declare
  subject jsonb := coalesce(new_row, old_row);
  before jsonb := old_row;
  hidden text[];
  operation text := case when old_row is null then 'insert' when new_row is null then 'delete' else 'update' end;
  changed text[];
  types text[];
begin
  if o ? 'without' then
    hidden := array(select jsonb_array_elements_text(o -> 'without'));
    subject := subject - hidden;
    before := before - hidden;
  end if;
  subject := belfry.sql_exact(subject);
  before := belfry.sql_exact(before);
  if operation = 'update' then
    if subject = before then return; end if;
    changed := array(select n.key from jsonb_each(subject) n where n.value is distinct from before -> n.key order by n.key);
    types := array(select distinct w.value from jsonb_each_text(o -> 'when_changed') w where w.key = any (changed) order by 1);
    if cardinality(types) = 0 and o ? 'columns'
      and not changed && array(select jsonb_array_elements_text(o -> 'columns')) then return; end if;
  end if;
  if coalesce(cardinality(types), 0) = 0 then
    types := array[case
      when o -> 'types' ? operation then o -> 'types' ->> operation
      else prefix || case operation when 'insert' then '.created' when 'update' then '.updated' else '.deleted' end end];
  end if;
  params := jsonb_build_object('operation', operation, 'row', subject) || case when operation = 'update'
    then jsonb_build_object('old', before, 'changed', changed) else '{}' end;
  recipients := belfry.sql_change_recipients(o -> 'to', subject);
  thread := belfry.sql_filled(o ->> 'thread_key', subject);
  problem := coalesce(belfry.sql_params_problem(params), belfry.sql_to_problem(recipients),
    belfry.sql_manner_problem(null, null, null, null, null, thread, null));
  if problem is not null and o ->> 'on_error' is distinct from 'raise' then
    -- It is kept with its reason, and without what made it impossible.
    if belfry.sql_params_problem(params) is not null then params := params - '{row,old}'::text[]; end if;
    if belfry.sql_to_problem(recipients) is not null then recipients := null; end if;
    thread := left(thread, 255);
  end if;
  foreach type in array types loop
    if type is not null then return next; end if;
  end loop;
end $$;

-- With on_error "raise" a change that cannot be published fails.
create function belfry.sql_change_level(workspace integer, o jsonb, new_type text, recipients jsonb, problem text)
returns text language plpgsql volatile as $$
begin
  if o ->> 'on_error' is distinct from 'raise' then return o ->> 'level'; end if;
  perform belfry.sql_refuse(problem);
  return coalesce(o ->> 'level', belfry.sql_type_level(workspace, new_type, not o ? 'to'));
end $$;

-- Whether JSON is made of a type by PostgreSQL's code or that of somebody we trust: it runs with our rights, and a cast
-- to JSON may be anybody's who owns the type.
create function belfry.sql_is_trusted(type_id oid) returns boolean language sql stable as $$
  select type_id < 16384 or exists (
    select from pg_type t
    where t.oid = type_id and case
      when t.typtype = 'd' then belfry.sql_is_trusted(t.typbasetype)
      when t.typcategory = 'A' then belfry.sql_is_trusted(t.typelem)
      else t.typtype in ('b', 'e')
        and pg_has_role(t.typowner, (select nspowner from pg_namespace where nspname = 'belfry'), 'member')
    end)
$$;

create function belfry.sql_owner(of_table oid) returns oid language plpgsql stable as $$
begin
  return (select relowner from pg_class where oid = of_table);
end $$;

-- Whether a table has columns of PostgreSQL's own types only.
create function belfry.sql_is_plain(of_table oid) returns boolean language plpgsql stable as $$
begin
  return not exists (
    select from pg_attribute where attrelid = of_table and attnum > 0 and not attisdropped and atttypid >= 16384);
end $$;

-- The columns of a table as they are published. Anybody's enums are read by the function that prints them, which
-- nobody can replace.
create function belfry.sql_columns(of_table oid, alias text) returns text language plpgsql stable as $$
declare
  attribute record;
  columns text[];
begin
  for attribute in
    select a.attname as name, t.typtype as kind, belfry.sql_is_trusted(t.oid) as is_trusted
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = of_table and a.attnum > 0 and not a.attisdropped order by a.attnum
  loop
    if attribute.is_trusted then
      columns := columns || format('%I.%I', alias, attribute.name);
    elsif attribute.kind = 'e' then
      columns := columns || format('textin(enum_out(%I.%I)) as %2$I', alias, attribute.name);
    else
      raise exception using errcode = '0A000',
        message = format('belfry: column "%s" has a type that is not published', attribute.name),
        hint = 'Write a trigger function of your own that calls belfry.trigger().';
    end if;
  end loop;
  return format('(select to_jsonb(x.*) from (select %s) x)', array_to_string(columns, ', '));
end $$;

-- The rows of a statement: the transition tables of its trigger, joined by the primary key.
create function belfry.sql_changed_rows(of_table oid, trigger_name text) returns text language plpgsql stable as $$
declare
  tables record;
  keys text;
begin
  select tgnewtable as new_name, tgoldtable as old_name into tables
  from pg_trigger where tgrelid = of_table and tgname = trigger_name;
  if num_nonnulls(tables.new_name, tables.old_name) = 0 then
    raise exception using errcode = '22023', message = 'belfry: a trigger for each statement needs its transition tables',
      hint = 'Write "referencing old table as old_rows new table as new_rows", or "for each row".';
  end if;
  if tables.old_name is null then
    return format('select %s as new_row, null::jsonb as old_row from %I n', belfry.sql_columns(of_table, 'n'), tables.new_name);
  end if;
  if tables.new_name is null then
    return format('select null::jsonb as new_row, %s as old_row from %I o', belfry.sql_columns(of_table, 'o'), tables.old_name);
  end if;
  select string_agg(format('n.%1$I = o.%1$I', a.attname), ' and ') into keys
  from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = of_table and i.indisprimary;
  if keys is null then
    raise exception using errcode = '22023', message = 'belfry: without a primary key nobody can tell which row became which',
      hint = 'Publish updates of this table "for each row".';
  end if;
  return format('select case when n."belfry is there" then %s end as new_row, case when o."belfry is there" then %s end as old_row'
    || ' from (select *, true as "belfry is there" from %I) n full join (select *, true as "belfry is there" from %I) o on %s',
    belfry.sql_columns(of_table, 'n'), belfry.sql_columns(of_table, 'o'), tables.new_name, tables.old_name, keys);
end $$;

-- Stores what changes of rows are, in one statement. What cannot be published is stored all the same: whoever takes it
-- up ends it, and says why.
create function belfry.sql_publish(workspace integer, prefix text, o jsonb, new_rows jsonb[], old_rows jsonb[])
returns void language plpgsql as $$
declare
  moment timestamptz := belfry.clock_in(workspace);
begin
  with change as materialized (
    select belfry.sql_event_id() as id, c.*,
      belfry.sql_change_level(workspace, o, c.type, c.recipients, c.problem) as level
    from unnest(new_rows, old_rows) r (new_row, old_row)
    cross join lateral belfry.sql_changes(prefix, o, r.new_row, r.old_row) c
  ),
  queued as (
    insert into belfry.event_queue (event_id, workspace_id, lane, due_at, request)
    select id, workspace, case when level = 'critical' then 3 else 4 end, moment,
      jsonb_strip_nulls(jsonb_build_object('level', o ->> 'level', 'problem', problem))
    from change
  )
  insert into belfry.events (workspace_id, id, type, level, audience, params, thread_key, created_at)
  select workspace, id, type, coalesce(level, 'standard'), coalesce(belfry.sql_audience(recipients), '[]'), params, thread,
    moment
  from change;
  if found then perform belfry.sql_ring(); end if;
end $$;

-- Publishes the changes of a table, in the workspace that the owner of the table may publish in:
--   create trigger … after insert or update or delete on … for each row
--     execute function belfry.trigger_on_change('order', '{"to": "customer_id"}');
create function belfry.trigger_on_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  prefix text := tg_argv[0];
  o jsonb := coalesce(tg_argv[1], '{}');
  workspace integer := belfry.sql_workspace(belfry.sql_owner(tg_relid), o ->> 'workspace');
  problem text := belfry.sql_options_problem(o);
  new_row jsonb;
  old_row jsonb;
  part record;
begin
  if prefix is null or tg_when <> 'AFTER' or tg_op = 'TRUNCATE' then
    problem := 'write: after insert or update or delete … belfry.trigger_on_change(''name'')';
  end if;
  if problem is not null then
    raise exception using errcode = '22023', message = format('belfry: trigger "%s": %s', tg_name, problem);
  end if;
  if tg_level = 'STATEMENT' then
    -- In parts, so that no array grows beyond what PostgreSQL can hold.
    for part in execute format('select array_agg(new_row) as new_rows, array_agg(old_row) as old_rows'
      || ' from (select *, row_number() over () / 1000 as number from (%s) r) r group by number',
      belfry.sql_changed_rows(tg_relid, tg_name))
    loop
      perform belfry.sql_publish(workspace, prefix, o, part.new_rows, part.old_rows);
    end loop;
    return null;
  end if;
  if belfry.sql_is_plain(tg_relid) then -- saves planning a statement for each row
    if tg_op <> 'DELETE' then new_row := to_jsonb(new); end if;
    if tg_op <> 'INSERT' then old_row := to_jsonb(old); end if;
  else
    if tg_op <> 'DELETE' then
      execute format('select %s from (select ($1).*) n', belfry.sql_columns(tg_relid, 'n')) into new_row using new;
    end if;
    if tg_op <> 'INSERT' then
      execute format('select %s from (select ($1).*) o', belfry.sql_columns(tg_relid, 'o')) into old_row using old;
    end if;
  end if;
  perform belfry.sql_publish(workspace, prefix, o, array[new_row], array[old_row]);
  return null;
end $$;

-- Lets a role call what is there to be called, or no more.
create function belfry.sql_allow(role text, is_allowed boolean) returns void language plpgsql as $$
declare
  callable text := (
    select string_agg(oid::regprocedure::text, ', ') from pg_proc
    where pronamespace = 'belfry'::regnamespace and proname in ('trigger', 'notify', 'trigger_on_change'));
begin
  if is_allowed then
    execute format('grant usage on schema belfry to %I', role);
    execute format('grant execute on function %s to %I', callable, role);
  else
    execute format('revoke usage on schema belfry from %I', role);
    execute format('revoke execute on function %s from %I', callable, role);
  end if;
end $$;

-- Nobody may execute anything here, unless `belfry sql grant` says so.
revoke all on all functions in schema belfry from public;
