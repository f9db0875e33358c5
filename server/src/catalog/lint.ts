// Everything that can be told about a folder without a server.
import type { Config } from '../config.ts'
import { createRenderer } from '../pipeline/renderer.ts'
import { checkCatalog, checkSettingsOffline } from './check.ts'
import { loadCatalog, placeProblems, type FileProblem } from './folder.ts'
import { resolveSecrets } from './secret-references.ts'

export type Linted = { count: number; problems: FileProblem[]; warnings: FileProblem[] }

export async function lintFolder(config: Config, folder: string, now: Date): Promise<Linted> {
  const loaded = await loadCatalog(folder)
  const { parts, problems, unset } = resolveSecrets(loaded.parts)
  const renderer = createRenderer()
  try {
    const checked = await checkCatalog(
      {
        config,
        workspaceId: 0,
        trial: { renderer, now, workspace: null },
        isTried: () => true,
      },
      parts,
    )
    checkSettingsOffline({ config }, checked)
    return {
      count: loaded.files.size,
      problems: [...loaded.problems, ...placeProblems(loaded, [...problems, ...checked.problems])],
      warnings: placeProblems(loaded, [...unset, ...checked.warnings]),
    }
  } finally {
    renderer.close()
  }
}
