insert into legacy.accounts values (1.00), (2.50), (3.00);
-- The same numbers, written otherwise: equal for the source's own joins.
insert into legacy.bookings values (1, 1, 1), (2, 2.5, 2), (3, 3.000, 3), (4, 4, 4);
