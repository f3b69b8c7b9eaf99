"""Items, skills and the prerequisite graph: read, written, validated; item families that generate questions."""
