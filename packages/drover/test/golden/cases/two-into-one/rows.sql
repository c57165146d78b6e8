insert into legacy.staff values (1, 'Ann'), (2, 'Bob');
insert into legacy.guests values (1, 'cid'), (2, 'dora'), (3, 'eve');
insert into legacy.seats values (1, 1, null), (2, null, 1), (3, 2, 2), (4, null, 9), (5, null, null);
