insert into legacy.users values
  (1, 'viewer', 'active'), (2, ' Staff ', 'LOCKED'), (3, 'Office Manager', 'locked '), (4, 'shop-admin', 'Active'),
  (5, 'admin', 'gone'), (6, 'king', 'active'), (7, null, 'active'), (8, '', 'active'), (9, 'ADMIN', 'inactive');
