-- Landings are compared by the server's own hash of what it sends: md5 took half as long again, and some servers refuse it.
alter table drover.landing
  drop constraint landing_algorithm_check,
  add constraint landing_algorithm_check check (algorithm in ('md5', 'sha256', 'lookup3'));
