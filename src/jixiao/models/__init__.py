"""The model path: chunks of a report → structured-output prompts → drafts. The only room that imports openai."""
