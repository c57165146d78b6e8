insert into legacy.customers values (1, 'ann@x.org'), (2, 'ANN@x.org'), (3, 'bob@x.org');
-- Ann's points stand under two numbers: what was one account each becomes one sum.
insert into legacy.points values (1, 1, 10), (2, 2, 5), (3, 2, 1), (4, 3, 7), (5, 9, 100);
