"""Files, reports and answers to questionnaires."""
