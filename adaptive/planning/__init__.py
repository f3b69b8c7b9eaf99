"""From mastery and a goal to a prerequisite-closed weekly plan."""
