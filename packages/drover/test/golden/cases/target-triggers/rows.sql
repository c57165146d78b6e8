insert into legacy.customers values (1, 'Ann'), (2, 'BOB'), (3, 'Cid');
