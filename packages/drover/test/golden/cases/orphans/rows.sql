insert into legacy.customers values ('ann'), ('unknown');
insert into legacy.orders values (1, 'ann'), (2, 'gone'), (3, null), (4, ''), (5, 'ann ');
