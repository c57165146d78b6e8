insert into legacy.clinics values
  ('c1', 'North', 'north@example.org'),
  ('c2', null, 'set.aside@example.org'),
  ('c3', 'South', 'south@example.org'),
  ('c4', 'South', 'SOUTH@example.org'); -- merged into c3
insert into legacy.metrics values (1, 'Visits'), (2, 'Sales'), (3, null);
insert into legacy.boards values
  (1, '{"clinicId": "c1", "metricIds": [1, 2]}', '{"clinicId": "c1"}'),
  (2, '{"rows": [{"clinicId": "c3", "title": "clinicId"}, {"deep": {"metricIds": ["2"]}}]}', null),
  (3, '{"clinicId": "c4"}', '{"clinicId": ["c3", "c4"]}'),
  (4, '{"clinicId": "lost", "metricIds": [1, 99]}', '{"clinicId": "c1"}'),
  (5, '{"clinicId": "c2", "metricIds": [1, 3]}', '{"clinicId": "c1"}'),
  (6, '{"clinicId": ["lost", "c2", "c1"]}', 'null'),
  (7, '{"clinicId": null, "metricIds": [[1], 2], "other": "c1"}', '{"clinicId": {"clinicId": "c1"}}'),
  (8, '{"note": "\"clinicId\": \"c1\"", "metricIds": []}', '["clinicId", "c1"]'),
  (9, null, '{"clinicId": "lost"}'),
  (10, '{}', '{"clinicId": "c2"}'),
  (11, '[]', '{"clinicId": "C1"}'),
  (12, '{}', '{"clinicId": ""}'),
  (13, '{"metricIds": 1.0}', '{"other": "lost"}'),
  (14, '{"metricIds": [2, "2", 2e0, "two", true]}', '[]'),
  (15, '{"metricIds": [2, "2", 2e0, "two"]}', '{"metricIds": [99]}');
