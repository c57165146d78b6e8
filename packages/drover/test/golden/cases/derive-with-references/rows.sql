insert into legacy.teams values ('a', 'Reds'), ('b', 'Blues'), ('c', null), ('d', 'Greens');
insert into legacy.people values (1, 'a', 'Ann'), (2, 'a', 'Bob'), (3, 'b', 'Cid'), (4, 'c', 'Dora'), (5, null, 'Eve'), (6, 'a', 'Flo'), (7, null, 'Gus');
