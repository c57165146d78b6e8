insert into legacy.people values
  (1, 'Ann', 'Lee', 'customer'), (2, null, 'Ross', 'customer'), (3, 'Cid', null, 'supplier'), (4, null, null, 'customer');
