import type { Decisions } from '../../ledger/rollback.ts'
import { restoreFiresTriggers } from '../triggers.ts'
import { beginBlock } from './begin.ts'
import { chunksBlock } from './chunks.ts'
import { conflictsBlock } from './conflicts.ts'
import { discardBlock } from './discard.ts'
import { finishBlock } from './finish.ts'
import { holdBlock, identityBlock, restBlock } from './fit.ts'
import { header } from './header.ts'
import { objectsBlock } from './objects.ts'
import { block, comment, literal, raise } from './plpgsql.ts'
import { opening, switches } from './settings.ts'
import { undecidedBlock } from './undecided.ts'
import type { ScriptWay } from './way.ts'

/** `chunks`: many transactions, goes on after a stop · `one transaction`: all of it or nothing. */
export type ScriptMode = 'chunks' | 'one transaction'

/** What kind of script is written, and with which decisions. */
export interface ScriptOptions {
  /** Default `chunks`. */
  readonly mode?: ScriptMode
  /** What is decided about conflicts; can be changed at the top of the script. Default nothing. */
  readonly onConflict?: Decisions
  /** Hazards that are allowed, by name: `restore-fires-triggers`. Default none. */
  readonly allowed?: readonly string[]
  /** Blocks of the ledger's tables that one chunk takes, of 8,192 bytes each. Default 250. */
  readonly blocksPerChunk?: number
}

/**
 * The reversal script: SQL that does what `drover rollback` does, with the same statements and the same ledger, and
 * needs nothing but a client that sends one statement after the other.
 */
export function renderReversalScript(way: ScriptWay, options: ScriptOptions = {}): string {
  const { mode = 'chunks', onConflict = {}, allowed = [] } = options
  const { runId } = way
  const isWhole = mode === 'one transaction'
  const sections = sectionsOf(way, options).map(({ title, why, blocks, transaction }, i) =>
    [
      `-- ${'-'.repeat(97)}`,
      comment(`${i + 1}. ${title}`),
      comment(why),
      ...(isWhole || transaction === 'its own' ? blocks : [opening(runId), ...blocks, 'commit;']),
    ].join('\n'),
  )
  return `${[
    header(way, mode),
    switches(onConflict, allowed.includes(restoreFiresTriggers) ? 'fire' : 'refuse'),
    ...(isWhole ? [opening(runId), ...sections, 'commit;'] : sections),
    ending(runId),
  ].join('\n\n')}\n`
}

interface Section {
  readonly title: string
  readonly why: string
  readonly blocks: readonly string[]
  /** Where the script commits in between, whether the one block does so itself. */
  readonly transaction: 'of the section' | 'its own'
}

function sectionsOf(way: ScriptWay, { mode = 'chunks', blocksPerChunk = 250 }: ScriptOptions): readonly Section[] {
  const isWhole = mode === 'one transaction'
  const discard = discardBlock(way)
  return [
    {
      title: 'Is this the database?',
      why: 'The script belongs to one run of one plan, in one ledger.',
      blocks: [identityBlock(way)],
      transaction: 'its own',
    },
    ...(isWhole
      ? []
      : [
          {
            title: 'A run that is under way comes to rest.',
            why: 'It is cancelled: its workers, wherever they are, stop after the chunks that they are at.',
            blocks: [restBlock(way)],
            transaction: 'its own' as const,
          },
        ]),
    {
      title: 'What stands in the way, and the beginning.',
      why: 'Rows that others have changed or added since are listed in drover.conflict, keys without values, and decided on. Where all is decided, triggers are kept from firing, and the ranges are cut in which the rows are taken back.',
      blocks: [holdBlock(way), conflictsBlock(way), beginBlock(way, blocksPerChunk)],
      transaction: 'of the section',
    },
    {
      title: 'Is everything decided?',
      why: 'If not, the script ends here with an error that says what there is. Nothing was touched.',
      blocks: [undecidedBlock(way, isWhole ? 'keeps nothing' : 'keeps the list')],
      transaction: 'its own',
    },
    ...(discard === null
      ? []
      : [
          {
            title: 'Added rows that are discarded.',
            why: 'Rows of others that refer to rows which go are put into drover.discarded_row, and then taken away.',
            blocks: [discard],
            transaction: 'of the section' as const,
          },
        ]),
    {
      title: 'The rows.',
      why: `Newest step first: rows that the run changed are put back from their images, rows that it loaded are deleted. ${
        isWhole
          ? ''
          : 'Each range is one transaction with its mark in the ledger, so that this can be stopped, and goes on. '
      }What others have changed meanwhile ends it.`,
      blocks: [chunksBlock(way, isWhole ? 'nothing' : 'commit')],
      transaction: 'its own',
    },
    {
      title: 'The objects.',
      why: 'Triggers that were switched off are switched on again, and the block of the source ends.',
      blocks: [objectsBlock(way)],
      transaction: 'of the section',
    },
    {
      title: 'The comparison with the start, and the end.',
      why: 'Each target has the fingerprint that it had before the run: count, and two sums over the hashes of all rows. Sequences are set back.',
      blocks: [finishBlock(way, isWhole ? 'refuse' : 'tell later')],
      transaction: 'of the section',
    },
  ]
}

/** What was found; an error where something differs that nobody else has changed. */
function ending(runId: string): string {
  return [
    comment('What the comparison found. No rows: the script did not come to its end.'),
    `select each.finding ->> 'verdict' as verdict, each.finding ->> 'check' as check,
  each.finding ->> 'object' as object, each.finding ->> 'detail' as detail
from drover.rollback as r
cross join jsonb_array_elements(r.findings) with ordinality as each (finding, position)
where r.run_id = ${runId}
order by each.position;`,
    block(
      runId,
      [],
      [
        `  if exists (select from drover.rollback as r where r.run_id = this_run and r.verdict = 'fail') then`,
        raise({
          errcode: 'DV006',
          message: literal(
            `Run ${runId} is taken back, but a table differs from the start that nobody else has changed: see above.`,
          ),
        }),
        '  end if;',
      ],
    ),
  ].join('\n')
}
