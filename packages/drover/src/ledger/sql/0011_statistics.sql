-- A target is analyzed as soon as its rows are in, ahead of its indexes: both lock each other out.
alter table drover.rebuild
  drop constraint rebuild_kind_check,
  add constraint rebuild_kind_check
    check (kind in ('crosswalk', 'statistics', 'primary key', 'unique', 'index', 'foreign key'));
