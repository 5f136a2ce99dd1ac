package dev.maestro.providers.claude;

/** Where an agent tells what it has used up. */
enum Counting {
  /** In the end for each model, with what its helpers used; cached tokens apart. */
  BY_MODEL,
  /** In the end for the whole conversation; cached tokens are among the input tokens. */
  BY_CONVERSATION,
  /** In each message; cached tokens apart. */
  BY_MESSAGE
}
