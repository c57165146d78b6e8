/** A moment on the path of a run at which a fault may strike. */
export interface FaultPoint {
  readonly name: string
  /** What the transaction is for, as the runner names it. */
  readonly transaction:
    | 'start'
    | 'pick'
    | 'step'
    | 'rebuild'
    | 'chunk'
    | 'split'
    | 'set aside'
    | 'finish'
    | 'ask'
    | 'rest'
    | `rollback ${'begin' | 'discard' | 'chunk' | 'restore' | 'finish'}`
  /** Before or after a statement, before the commit, or after it. */
  readonly moment: 'before' | 'after' | 'commit' | 'committed'
  /** A part of the statement; of a commit, one of the transaction's statements. Default: any. */
  readonly statement?: string
  /** Strikes the `nth` time. Default the first. */
  readonly nth?: number
}

/** From the first transaction of a run to the last. */
export const points: readonly FaultPoint[] = [
  { name: 'start: ledger installed', transaction: 'start', moment: 'after', statement: 'drover.ledger_version' },
  { name: 'start: run written', transaction: 'start', moment: 'after', statement: 'insert into drover.run ' },
  { name: 'start: source frozen', transaction: 'start', moment: 'after', statement: 'drover.frozen_table' },
  { name: 'start: indexes taken off', transaction: 'start', moment: 'after', statement: 'drop index' },
  { name: 'start: before commit', transaction: 'start', moment: 'commit' },
  { name: 'start: after commit', transaction: 'start', moment: 'committed' },
  { name: 'prepare: picked', transaction: 'pick', moment: 'commit', statement: 'set worker' },
  { name: 'prepare: query stored', transaction: 'step', moment: 'after', statement: 'create table "drover"."source_' },
  {
    name: 'prepare: crosswalk made',
    transaction: 'step',
    moment: 'after',
    statement: 'create table "drover"."crosswalk_',
  },
  {
    name: 'prepare: images made',
    transaction: 'step',
    moment: 'after',
    statement: 'create table "drover"."before_image_',
  },
  {
    name: 'prepare: merges resolved',
    transaction: 'step',
    moment: 'after',
    statement: 'create table "drover"."resolution_',
  },
  { name: 'prepare: chunks cut', transaction: 'step', moment: 'after', statement: 'insert into drover.chunk', nth: 2 },
  { name: 'prepare: before commit', transaction: 'step', moment: 'commit', statement: `state = 'loading'`, nth: 2 },
  { name: 'prepare: after commit', transaction: 'step', moment: 'committed', statement: `state = 'loading'`, nth: 2 },
  { name: 'pick: chunks joined', transaction: 'pick', moment: 'after', statement: 'delete from drover.chunk' },
  { name: 'pick: before commit', transaction: 'pick', moment: 'commit', statement: 'attempts + 1', nth: 3 },
  { name: 'pick: after commit', transaction: 'pick', moment: 'committed', statement: 'attempts + 1', nth: 3 },
  { name: 'chunk: locked', transaction: 'chunk', moment: 'after', statement: 'for update skip locked', nth: 3 },
  { name: 'chunk: before statement', transaction: 'chunk', moment: 'before', statement: 'update drover.chunk', nth: 4 },
  { name: 'chunk: rows computed', transaction: 'chunk', moment: 'after', statement: 'as reads', nth: 2 },
  { name: 'chunk: after statement', transaction: 'chunk', moment: 'after', statement: 'update drover.chunk', nth: 4 },
  { name: 'chunk: before commit', transaction: 'chunk', moment: 'commit', statement: 'update drover.chunk', nth: 5 },
  { name: 'chunk: after commit', transaction: 'chunk', moment: 'committed', statement: 'update drover.chunk', nth: 5 },
  { name: 'evolve: before commit', transaction: 'chunk', moment: 'commit', statement: '"before_image_settings"' },
  { name: 'split: cut', transaction: 'split', moment: 'after', statement: 'insert into drover.chunk' },
  {
    name: 'split: before commit',
    transaction: 'split',
    moment: 'commit',
    statement: 'insert into drover.chunk',
    nth: 2,
  },
  {
    name: 'split: after commit',
    transaction: 'split',
    moment: 'committed',
    statement: 'insert into drover.chunk',
    nth: 2,
  },
  { name: 'split: cannot be cut', transaction: 'split', moment: 'commit', statement: 'set attempts = 0' },
  { name: 'set aside: before statement', transaction: 'set aside', moment: 'before', statement: '$8' },
  { name: 'set aside: before commit', transaction: 'set aside', moment: 'commit', statement: '$8' },
  { name: 'set aside: after commit', transaction: 'set aside', moment: 'committed', statement: '$8' },
  {
    name: 'rebuild: crosswalk keyed',
    transaction: 'rebuild',
    moment: 'after',
    statement: 'add primary key (source_key)',
    nth: 3,
  },
  { name: 'rebuild: picked', transaction: 'pick', moment: 'commit', statement: 'update drover.rebuild', nth: 3 },
  { name: 'rebuild: index built', transaction: 'rebuild', moment: 'after', statement: 'CREATE UNIQUE INDEX clinics' },
  { name: 'rebuild: before commit', transaction: 'rebuild', moment: 'commit', statement: 'CREATE INDEX clinics' },
  { name: 'rebuild: after commit', transaction: 'rebuild', moment: 'committed', statement: 'CREATE INDEX clinics' },
  { name: 'rebuild: rows moved', transaction: 'rebuild', moment: 'after', statement: 'with clash' },
  { name: 'rebuild: rows moved for good', transaction: 'rebuild', moment: 'commit', statement: 'with clash' },
  { name: 'rebuild: constraint made', transaction: 'rebuild', moment: 'commit', statement: 'using index' },
  { name: 'rebuild: constraint there', transaction: 'rebuild', moment: 'committed', statement: 'using index', nth: 2 },
  { name: 'rebuild: foreign key made', transaction: 'rebuild', moment: 'commit', statement: 'not valid' },
  { name: 'rebuild: foreign key proved', transaction: 'rebuild', moment: 'commit', statement: 'validate constraint' },
  { name: 'close: rows settled', transaction: 'step', moment: 'after', statement: `'adjustment'` },
  { name: 'close: references filled', transaction: 'step', moment: 'after', statement: 'update "new"."people"' },
  { name: 'close: before commit', transaction: 'step', moment: 'commit', statement: 'target_rows_after', nth: 2 },
  { name: 'close: after commit', transaction: 'step', moment: 'committed', statement: 'target_rows_after', nth: 2 },
  { name: 'pause: asked', transaction: 'ask', moment: 'commit' },
  { name: 'pause: after asking', transaction: 'ask', moment: 'committed' },
  { name: 'pause: at rest', transaction: 'rest', moment: 'commit', statement: 'update drover.run' },
  { name: 'pause: after resting', transaction: 'rest', moment: 'committed', statement: 'update drover.run' },
  { name: 'finish: source let go', transaction: 'finish', moment: 'after', statement: 'drover.frozen_table' },
  { name: 'finish: before commit', transaction: 'finish', moment: 'commit', statement: 'update drover.run' },
  { name: 'finish: after commit', transaction: 'finish', moment: 'committed', statement: 'update drover.run' },
]

/**
 * What strikes. `kill`: SIGKILL · `drop`: every connection of the process breaks · `terminate`: the server ends the
 * session · `unclear`: the connection breaks when the server has committed and not said so · `restart`: the server
 * crashes and comes back · a SQLSTATE: the server raises it.
 */
export type Fault =
  | 'kill'
  | 'drop'
  | 'terminate'
  | 'unclear'
  | 'restart'
  | '40001'
  | '40P01'
  | '55P03'
  | '53100'
  | '57P01'

const within: readonly Fault[] = ['kill', 'drop', 'terminate', 'restart', '40001', '40P01', '55P03', '53100', '57P01']

export interface Combination {
  readonly point: FaultPoint
  readonly fault: Fault
}

/** Every point with every fault that can strike there: without a transaction the server has nothing to raise or to end. */
export function combinationsOf(points: readonly FaultPoint[]): readonly Combination[] {
  return points.flatMap((point) => {
    const faults: readonly Fault[] =
      point.moment === 'committed'
        ? ['kill', 'drop', 'restart']
        : point.moment === 'commit'
          ? [...within, 'unclear']
          : within
    return faults.map((fault) => ({ point, fault }))
  })
}

export const combinations: readonly Combination[] = combinationsOf(points)
