-- Each label four times, as far apart as can be; the one that is used most stands last.
insert into legacy.tags select i, repeat(' ', i % 3) || 'tag ' || i % 5, i from generate_series(1, 20) as i;
insert into legacy.uses select 100 - i, i from generate_series(1, 20) as i;
