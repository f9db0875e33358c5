// The data of the test tool. Nothing here knows of Belfry: see schema.sql.
import type { Pool, PoolClient } from 'pg'

type Db = Pool | PoolClient

export type Scenario = {
  id: string
  name: string
  created_by: string
  created_at: Date
  executed_by: string | null
  executed_at: Date | null
}

const columns = 'id, name, created_by, created_at, executed_by, executed_at'

export async function listScenarios(db: Db): Promise<Scenario[]> {
  const text = `select ${columns} from test_scenarios order by id desc limit 100`
  return (await db.query<Scenario>(text)).rows
}

export async function createScenario(db: Db, name: string, by: string): Promise<Scenario> {
  const text = `insert into test_scenarios (name, created_by) values ($1, $2) returning ${columns}`
  return (await db.query<Scenario>(text, [name, by])).rows[0]!
}

/** Undefined when there is none. */
export async function executeScenario(
  db: Db,
  id: string,
  by: string,
): Promise<Scenario | undefined> {
  const text = `update test_scenarios set executed_by = $2, executed_at = clock_timestamp()
    where id = $1 returning ${columns}`
  return (await db.query<Scenario>(text, [id, by])).rows[0]
}

/** Undefined when there was none. */
export async function deleteScenario(db: Db, id: string): Promise<Scenario | undefined> {
  const text = `delete from test_scenarios where id = $1 returning ${columns}`
  return (await db.query<Scenario>(text, [id])).rows[0]
}
