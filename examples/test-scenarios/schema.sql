-- The table of the test tool, in a schema of its own. The trigger is all there is about Belfry: every change
-- is published in the transaction that makes it.
create table if not exists test_scenarios (
  id bigint generated always as identity primary key,
  name text not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  executed_by text,
  executed_at timestamptz
);

create or replace trigger publish after insert or update or delete on test_scenarios
  for each row execute function belfry.trigger_on_change('test_scenario', '{
    "types": {"update": null},
    "when_changed": {"executed_at": "test_scenario.executed"},
    "thread_key": "test_scenario:{id}"
  }');
