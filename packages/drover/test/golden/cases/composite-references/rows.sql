insert into legacy.shops values ('AT', 1, 'Wien'), ('AT', 2, 'Graz'), ('CH', 1, 'Bern');
insert into legacy.transfers values
  (1, 'AT', 1, 2, 'inland'), (2, 'CH', 1, 2, 'abroad'), (3, 'AT', 2, 9, 'inland'), (4, 'CH', 2, 1, 'inland'), (5, 'AT', null, 1, 'inland'),
  (6, 'CH', 1, 1, 'inland');
