insert into legacy.teams values (1, 11), (2, 12), (3, null), (4, 99), (5, 13);
insert into legacy.people values (11, 1, 'Ann'), (12, 1, 'Bob'), (13, 9, 'Cid'), (14, 2, null), (15, 4, 'Dora');
