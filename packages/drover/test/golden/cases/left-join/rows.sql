insert into legacy.products values (1, 'bell', 1), (2, 'lamp', 2), (3, 'tyre', null), (4, 'lock', 9);
insert into legacy.suppliers values (1, 'Ringer', 'AT'), (2, 'Light Ltd', null);
insert into legacy.sales values (1, 'bell', 3), (2, 'tyre', 1), (3, 'bell', 4), (4, 'spoke', 9);
