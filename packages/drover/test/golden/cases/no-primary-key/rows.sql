insert into legacy.log values (5, now(), 'five'), (1, null, 'one'), (3, null, null), (4, null, 'four'), (2, null, 'two');
