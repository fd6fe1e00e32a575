// Chapters of the navigation are open until a reader closes them: a stranger sees what there is.
for (const chapter of ['Guide', 'API', 'API$@hip/client', 'Project']) {
  const key = `tsd-accordion-${chapter}`;
  if (localStorage.getItem(key) === null) localStorage.setItem(key, 'true');
}
