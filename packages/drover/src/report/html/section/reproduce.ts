import { renderCommands } from '../code.ts'
import { html } from '../markup.ts'
import type { Section } from '../section.ts'
import { fit } from '../space.ts'

/** The commands that lead to the same result. */
export const reproduceSection: Section = {
  id: 'reproduce',
  title: 'How to reproduce',
  bytes: 10_000,
  render: (
    { reproduce },
    space,
  ) => html`<p>In the directory of the migration, with the same database as it was before:</p>
${fit(space, [reproduce], 1, renderCommands).shown}`,
}
