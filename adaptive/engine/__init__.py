"""Record, recommend, mastery, plan, place: the only object that HTTP, command line and simulator call."""
