insert into legacy.shares values (1, 'Budget'), (2, 'Budget'), (3, null), (4, 'Plan');
insert into legacy.views values (1, 1), (2, 3), (3, 5), (4, 4), (5, null);
