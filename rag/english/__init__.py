"""What English says: words, names, numbers, days, verbs and who speaks, by rules that can be read by hand."""
